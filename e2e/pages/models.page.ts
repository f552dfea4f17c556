import { expect, type Locator, type Page } from "@playwright/test";

/** The Models dialog, by the names that a screen reader hears. */
export class ModelsPage {
  readonly button: Locator;
  readonly dialog: Locator;
  readonly status: Locator;
  readonly offer: Locator;
  readonly loras: Locator;

  constructor(readonly page: Page) {
    this.button = page.getByRole("button", { name: /^Models/ });
    this.dialog = page.getByRole("dialog", { name: "Models" });
    this.status = this.dialog.getByRole("status");
    this.offer = this.dialog.getByRole("region", { name: /^Files of / });
    this.loras = this.dialog.getByRole("region", { name: "LoRAs" });
  }

  async open(): Promise<void> {
    // While the page starts, what comes in beside the button may move it away under the press.
    await expect(async () => {
      if (!(await this.dialog.isVisible())) await this.button.click();
      await expect(this.dialog).toBeVisible({ timeout: 1000 });
    }).toPass();
  }

  async useHub(address: string): Promise<void> {
    await this.dialog.locator("summary", { hasText: "Hub" }).click();
    await this.dialog.getByRole("textbox", { name: /Address of the hub/ }).fill(address);
  }

  async list(repository: string): Promise<void> {
    await this.dialog.getByRole("textbox", { name: /^Repository/ }).fill(repository);
    await this.dialog.getByRole("button", { name: "List files", exact: true }).first().click();
  }

  async download(): Promise<void> {
    await this.offer.getByRole("checkbox", { name: /conditions/ }).check();
    await this.offer.getByRole("button", { name: "Download" }).click();
  }

  async openAddress(address: string): Promise<void> {
    await this.dialog.getByRole("textbox", { name: /^Address of a model's folder/ }).fill(address);
    await this.dialog.getByRole("button", { name: "Open", exact: true }).click();
  }

  /** An address that was opened. */
  async forget(title: string): Promise<void> {
    const button = this.dialog.getByRole("button", { name: `Forget ${title}`, exact: true });
    await button.click();
    await expect(button).toHaveCount(0);
  }

  action(name: "Use" | "Pause" | "Resume" | "Check" | "Delete", title: string): Locator {
    return this.dialog.getByRole("button", { name: `${name} ${title}`, exact: true });
  }

  async addLora(path: string): Promise<void> {
    const chooser = this.page.waitForEvent("filechooser");
    await this.loras.getByRole("button", { name: "Add a LoRA" }).click();
    await (await chooser).setFiles(path);
  }

  useLora(title: string): Locator {
    return this.loras.getByRole("checkbox", { name: `Use ${title}` });
  }

  async weigh(title: string, weight: number): Promise<void> {
    await this.loras.getByRole("slider", { name: `Weight of ${title}` }).fill(String(weight));
  }

  /** Loads the model again, and closes the dialog. */
  async applyLoras(): Promise<void> {
    await this.loras.getByRole("button", { name: "Load the model with these" }).click();
    await expect(this.dialog).toBeHidden();
  }
}
