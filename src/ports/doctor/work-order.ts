import type { JsonObject } from '../../evidence.js';
import { serialOf } from '../../handset.js';
import { mask } from '../../text.js';
import type { PortWorkOrder } from '../view.js';
import type { Finding } from './doctor.js';

/** What a person has to do, and why. Handsets are named by the last digits of their serial only. */
export interface WorkOrder {
  readonly ja: string;
  readonly en: string;
}

/** Who acts for the port doctor, in the ledger. */
export const DOCTOR = 'port-doctor';

/** The work order for which the ledger says that a port was put on hold; null where that was not the doctor's. Pure. */
export function workOrderIn(body: JsonObject): PortWorkOrder | null {
  const { action, by, statement } = body;
  if (action !== 'hold' || by !== DOCTOR || !statement) return null;
  const { quarantine: whose, ja, en } = statement as JsonObject;
  if (whose !== 'cable' && whose !== 'port') return null;
  return typeof ja === 'string' && typeof en === 'string' ? { whose, ja, en } : null;
}

/** The work order of a finding. Pure. */
export function workOrder(found: Finding): WorkOrder {
  const { whose, name, troubles, handsets } = found;
  const codes = found.codes.map(([code, times]) => `${code}×${times}`).join(', ');
  const ja = `（異常${troubles}回、端末${handsets}台、${codes}）`;
  const en = ` (${troubles} troubles, ${handsets} handsets, ${codes})`;
  const ports = found.ports.join(', ');
  switch (whose) {
    case 'cable':
      return {
        ja: `${name}のケーブルを新品に交換し、保留を解除してください。複数の端末で接続が切れています${ja}。`,
        en: `Replace the cable of ${name} and release the port. Several handsets dropped off the bus there${en}.`,
      };
    case 'port':
      return {
        ja: `${name}は使わず、ハブの差込口を点検してください。ケーブルを別の差込口の物と入れ替えて試し、直らなければハブを交換してから保留を解除してください${ja}。`,
        en: `Leave ${name} empty and look at that opening of the hub. Swap its cable with another opening's; if that does not help replace the hub, then release the port${en}.`,
      };
    case 'handset': {
      const who = mask(serialOf(name as `android:${string}`)).slice(-8);
      return {
        ja: `端末${who}の充電口の汚れと破損を点検してください。${ports}で異常が出ましたが、同じ場所で他の端末は正常です${ja}。`,
        en: `Look for dirt and damage in the socket of handset ${who}. It had trouble in ${ports}, where others do well${en}.`,
      };
    }
    case 'controller':
      return {
        ja: `コントローラー${name}の${ports}が同時に切れました。ハブの電源と上流ケーブル、ホストのdmesgを確認してください${ja}。`,
        en: `Ports ${ports} of controller ${name} failed together. Look at its hub's power supply and upstream cable, and at dmesg of the host${en}.`,
      };
    case 'host':
      return {
        ja: `ホストの異常です。sarachi doctorを実行し、表示された対処をしてください${ja}。`,
        en: `The host is in trouble. Run sarachi doctor and do what it says${en}.`,
      };
    case 'unclear':
      return {
        ja: `${name}の端末を別のポートに挿してください。そこでも異常なら端末、正常なら${name}のケーブルが原因です${ja}。`,
        en: `Put the handset of ${name} into another port. Trouble there too: the handset. No trouble: the cable of ${name}${en}.`,
      };
  }
}
