import type { Context, ReactElement, ReactNode } from "react";
import { ActionsContext, type AnyAction } from "../actions/action";
import { CommandsContext } from "../actions/commands";
import { EngineContext } from "../engine/context";
import { PacesContext } from "../estimate/context";
import { SavingContext } from "../export/context";
import { GalleryContext } from "../gallery/context";
import { StartImageContext } from "../image/context";
import { LorasContext } from "../loras/context";
import { OpeningContext } from "../metadata/context";
import { ModelsContext, ShelfContext } from "../models/context";
import { PlotsContext } from "../plot/context";
import { NotificationsContext } from "../queue/context";
import { QueueContext, SessionContext } from "../runs/context";
import { FormContext } from "../settings/context";
import { KeptContext } from "../storage/context";
import { BranchingContext, PlaybackContext } from "../timeline/context";
import { UnfinishedContext } from "../unfinished/context";
import type { Darkroom } from "./darkroom";

type Provide = (children: ReactNode) => ReactElement;

function provide<T>(Service: Context<T | null>, value: T): Provide {
  return (children) => <Service value={value}>{children}</Service>;
}

interface Props {
  darkroom: Darkroom;
  actions: readonly AnyAction[];
  children: ReactElement;
}

/** Provides each feature's services to the components. */
export function Services({ darkroom, actions, children }: Props) {
  const services = [
    provide(EngineContext, darkroom.engine),
    provide(FormContext, darkroom.form),
    provide(QueueContext, darkroom.queue),
    provide(SessionContext, darkroom.session),
    provide(KeptContext, darkroom.kept),
    provide(ActionsContext, actions),
    provide(CommandsContext, darkroom.commands),
    provide(ModelsContext, darkroom.models),
    provide(ShelfContext, darkroom.shelf),
    provide(LorasContext, darkroom.loras),
    provide(StartImageContext, darkroom.startImage),
    provide(PlaybackContext, darkroom.playback),
    provide(BranchingContext, darkroom.branching),
    provide(SavingContext, darkroom.saving),
    provide(GalleryContext, darkroom.gallery),
    provide(PlotsContext, darkroom.plots),
    provide(OpeningContext, darkroom.opening),
    provide(NotificationsContext, darkroom.notifications),
    provide(UnfinishedContext, darkroom.unfinished),
    provide(PacesContext, darkroom.paces),
  ];
  return services.reduceRight((inside, wrap) => wrap(inside), children);
}
