import { type RefObject, useEffect, useState } from "react";

/** The object URL of a file that is read when `wanted`, and let go when it is not, or with the component. */
export function useFileUrl(read: () => Promise<Blob>, key: string, wanted = true): string | undefined {
  const [url, setUrl] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says which file it is
  useEffect(() => {
    if (!wanted) return;
    let made: string | undefined;
    let over = false;
    read().then(
      (file) => {
        if (over) return;
        made = URL.createObjectURL(file);
        setUrl(made);
      },
      () => setUrl(undefined), // it was deleted meanwhile
    );
    return () => {
      over = true;
      setUrl(undefined);
      if (made) URL.revokeObjectURL(made);
    };
  }, [key, wanted]);
  return url;
}

/** Whether the element is on the screen, or nearly. */
export function useNear(element: RefObject<Element | null>): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new IntersectionObserver(([entry]) => setNear(entry.isIntersecting), { rootMargin: "300px" });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return near;
}
