import { createService } from "../state/service";
import type { Store } from "../state/store";
import type { Form } from "./form";

export const [FormContext, useForm] = createService<Store<Form>>("Form");
