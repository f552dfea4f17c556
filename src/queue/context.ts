import { createService } from "../state/service";
import type { Notifications } from "./notifications";

export const [NotificationsContext, useNotifications] = createService<Notifications>("Notifications");
