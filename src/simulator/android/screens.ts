import type { Effect } from './framework/command.js';
import type { SystemState } from './system-state.js';

/** One element of a screen: left, top, right, bottom in pixels, and what a tap on it does. */
export interface Node {
  readonly text: string;
  readonly id: string;
  readonly kind: 'TextView' | 'Button' | 'EditText' | 'FrameLayout';
  readonly bounds: readonly [number, number, number, number];
  readonly tap?: readonly Effect[];
}

const WIDTH = 1080;
const HEIGHT = 2340;
const BUTTON = [60, 2050, 1020, 2190] as const;

function label(text: string, id = ''): Node {
  return { text, id, kind: 'TextView', bounds: [60, 260, 1020, 1900] };
}

function button(text: string, id: string, tap: readonly Effect[]): Node {
  return { text, id, kind: 'Button', bounds: BUTTON, tap };
}

/** Texts of AOSP Settings, MainClear and MainClearConfirm; Android 9 and below say other words than later ones. */
function wording(state: SystemState) {
  const old = state.profile.android <= 9;
  const word = state.profile.android <= 10 ? 'master' : 'main';
  const ids = {
    first: `com.android.settings:id/initiate_${word}_clear`,
    final: `com.android.settings:id/execute_${word}_clear`,
  };
  return state.language === 'ja'
    ? {
        ...ids,
        title: 'すべてのデータを消去(出荷時リセット)',
        about:
          'この操作を行うと、以下のデータを含め、デバイスの内部ストレージからすべてのデータが消去されます:',
        go: old ? 'モバイル端末をリセット' : 'すべてのデータを消去',
        sure: '個人情報とダウンロードしたアプリがすべて削除されます。この操作を取り消すことはできません。',
        execute: old ? 'すべて消去' : 'すべてのデータを消去',
        forbidden: 'このユーザーはデータの初期化を行えません',
      }
    : {
        ...ids,
        title: 'Erase all data (factory reset)',
        about: 'This will erase all data from your phone’s internal storage, including:',
        go: old ? 'RESET PHONE' : 'Erase all data',
        sure: 'All of your personal information and downloaded apps will be deleted. You can’t undo this action.',
        execute: old ? 'ERASE EVERYTHING' : 'Erase all data',
        forbidden: 'Factory reset is not available for this user',
      };
}

/** What stands on the screen now, from back to front. */
export function screenNodes(state: SystemState): readonly Node[] {
  const words = wording(state);
  const show = (screen: SystemState['screen']): Effect[] => [{ type: 'screen', screen }];
  switch (state.screen) {
    case 'setup-wizard':
      return [label(state.language === 'ja' ? 'ようこそ' : 'Hi there')];
    case 'launcher':
      return [label('Chrome'), label('Phone')];
    case 'lock':
      return [label('12:34', 'com.android.systemui:id/clock')];
    case 'confirm-credential':
      return [
        label(state.language === 'ja' ? 'PINを入力してください' : 'Re-enter your PIN'),
        {
          text: '',
          id: 'com.android.settings:id/password_entry',
          kind: 'EditText',
          bounds: [60, 1000, 1020, 1100],
        },
      ];
    case 'reset-first':
      return [
        label(words.title),
        label(words.about),
        button(
          words.go,
          words.first,
          show(state.screenLock ? 'confirm-credential' : 'reset-final'),
        ),
      ];
    case 'reset-final':
      return [
        label(words.title),
        label(words.sure),
        button(words.execute, words.final, [
          ...show('erasing'),
          { type: 'reset', by: 'settings-screen' },
        ]),
      ];
    case 'reset-forbidden':
      return [label(words.forbidden)];
    case 'reset-vendor':
      return [
        label('Restore the device to its original condition'),
        button('Proceed', 'com.vendor.settings:id/btn_proceed', []),
      ];
    case 'erasing':
      return [label(state.language === 'ja' ? '消去中' : 'Erasing')];
  }
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function packageOf(state: SystemState): string {
  switch (state.screen) {
    case 'setup-wizard':
      return 'com.google.android.setupwizard';
    case 'launcher':
      return 'com.google.android.apps.nexuslauncher';
    case 'lock':
    case 'erasing':
      return 'com.android.systemui';
    case 'reset-vendor':
      return 'com.vendor.settings';
    default:
      return 'com.android.settings';
  }
}

/** The screen as `uiautomator dump` writes it: one line of XML. */
export function screenXml(state: SystemState): string {
  const owner = packageOf(state);
  const row = (node: Node, index: number, close: string) => {
    const [left, top, right, bottom] = node.bounds;
    const clickable = node.tap !== undefined;
    return (
      `<node index="${index}" text="${escapeXml(node.text)}" resource-id="${escapeXml(node.id)}"` +
      ` class="android.widget.${node.kind}" package="${owner}" content-desc="" checkable="false"` +
      ` checked="false" clickable="${clickable}" enabled="true" focusable="${clickable}" focused="false"` +
      ` scrollable="false" long-clickable="false" password="${node.kind === 'EditText'}" selected="false"` +
      ` bounds="[${left},${top}][${right},${bottom}]"${close}`
    );
  };
  const frame: Node = { text: '', id: '', kind: 'FrameLayout', bounds: [0, 0, WIDTH, HEIGHT] };
  const inner = screenNodes(state).map((node, index) => row(node, index, ' />'));
  return (
    `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="0">` +
    `${row(frame, 0, '>')}${inner.join('')}</node></hierarchy>`
  );
}
