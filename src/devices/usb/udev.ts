import { stat } from 'node:fs/promises';

export const UDEV_CONTROL = '/run/udev/control';

/**
 * Whether systemd-udevd runs, by its control socket. Without it libusb reports hot-plug as supported and no event
 * ever comes. Source: libusb os/linux_udev.c, which listens for messages that only udevd sends.
 */
export async function udevRuns(control = UDEV_CONTROL): Promise<boolean> {
  return stat(control).then(
    (entry) => entry.isSocket(),
    () => false,
  );
}
