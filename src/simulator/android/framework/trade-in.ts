import { type FrameworkCommand, refuse, say } from './command.js';

/** `tradeinmode getstatus|evaluate` (AOSP packages/modules/adb, docs/dev/adb_tradeinmode.md). */
export const tradeInMode: FrameworkCommand = (state, args) => {
  const { profile } = state;
  switch (args[0]) {
    case 'getstatus':
      return say([
        JSON.stringify({
          battery: {
            cycle_count: state.battery.cycles,
            health: 100,
            state: state.battery.charging ? 2 : 3,
            manufacturing_date: 1653004800,
            first_usage_date: 0,
          },
          storage: {
            useful_lifetime_remaining: 99,
            capacity_bytes: String(profile.claimedBytes),
          },
          launch_level: profile.launchLevel,
          locks: { factory_reset_protection: state.frp.active },
          product: {
            brand: profile.brand,
            device: profile.device,
            manufacturer: profile.manufacturer,
            model: profile.model,
            name: profile.product,
          },
          imeis: state.imeis,
          serial: state.serial,
        }),
      ]);
    case 'evaluate':
      if (state.mode !== 'foyer')
        return refuse(1, 'Error: evaluation mode can only be entered from the trade-in foyer');
      if (state.frp.active)
        return refuse(
          1,
          'Error: evaluation mode cannot be entered: factory reset protection is active',
        );
      return say(['Entering evaluation mode.'], [{ type: 'evaluate' }]);
    default:
      return refuse(1, 'usage: tradeinmode getstatus [-challenge CHALLENGE] | evaluate');
  }
};
