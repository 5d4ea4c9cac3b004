import { type Disposable, StatusBarAlignment, ThemeColor, commands, window } from "vscode";
import { type Life, type Told, shown } from "./status";

/** The item in the status bar. A click on it opens the menu. */
export class StatusItem implements Disposable {
  private readonly item = window.createStatusBarItem("arriero", StatusBarAlignment.Right);
  private alive: Life = "missing";
  private told: Told | undefined;

  constructor() {
    this.item.name = "arriero";
    this.item.command = "arriero.menu";
    this.show();
    this.item.show();
  }

  get life(): Life {
    return this.alive;
  }

  set life(life: Life) {
    this.alive = life;
    if (life !== "running") this.told = undefined;
    // What the palette offers goes by this.
    void commands.executeCommand("setContext", "arriero.running", life === "running");
    this.show();
  }

  set status(told: Told) {
    this.told = told;
    this.show();
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(): void {
    const { text, tooltip, alarming } = shown(this.alive, this.told);
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label: tooltip };
    this.item.backgroundColor = alarming
      ? new ThemeColor("statusBarItem.warningBackground")
      : undefined;
  }
}
