// Ant Design's tokens. Its default greens, reds and greys miss WCAG AA on our surfaces, so those are set here.
import { theme, type ThemeConfig } from 'antd';
import type { Mode } from '../ui/prefs.ts';

const FONT = '-apple-system, BlinkMacSystemFont, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "Helvetica Neue", Arial, sans-serif';

const SHARED = { fontFamily: FONT, borderRadius: 8, fontSize: 14, controlHeight: 34, wireframe: false };

const LIGHT = {
  colorPrimary: '#1d4fd7',
  colorPrimaryHover: '#1a47c2',
  colorLinkHover: '#1a47c2',
  colorLink: '#1d4fd7',
  colorSuccess: '#237804',
  colorError: '#cf1322',
  colorWarning: '#ad6800',
  colorInfo: '#1d4fd7',
  colorText: '#1a2130',
  colorTextDescription: '#5c6675',
  colorTextTertiary: '#5c6675',
  colorTextPlaceholder: '#6b7483',
  colorTextQuaternary: '#6b7483',
  colorWarningBg: '#fff6e3',
  colorWarningBorder: '#f3d08d',
  colorErrorBg: '#fff1f0',
  colorErrorBorder: '#f5b5b1',
  colorSuccessBg: '#eef8e9',
  colorSuccessBorder: '#b4dba2',
  colorInfoBg: '#edf3ff',
  colorInfoBorder: '#bcd0ff',
  colorBgLayout: '#f4f6fa',
  colorBorder: '#d3d8e2',
  colorBorderSecondary: '#e7eaf0',
};

const DARK = {
  colorPrimary: '#2f62e6',
  colorLink: '#86a9ff',
  colorLinkHover: '#a9c2ff',
  colorInfo: '#86a9ff',
  colorSuccess: '#5fc24a',
  colorError: '#ff7875',
  colorWarning: '#f0b429',
  colorText: '#e8ebf0',
  colorTextDescription: '#9aa4b2',
  colorTextTertiary: '#9aa4b2',
  colorTextPlaceholder: '#8a94a3',
  colorTextQuaternary: '#8a94a3',
  colorBgLayout: '#101317',
  colorBgContainer: '#171b21',
  colorBgElevated: '#1e232b',
  colorBorder: '#39414d',
  colorBorderSecondary: '#272d36',
};

export function themeOf(mode: Mode): ThemeConfig {
  const dark = mode === 'dark';
  return {
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: { ...SHARED, ...(dark ? DARK : LIGHT) },
    components: {
      Table: { headerBg: dark ? '#1b2027' : '#f8f9fc', headerColor: dark ? '#9aa4b2' : '#5c6675', headerSplitColor: 'transparent', cellPaddingBlock: 11, bodySortBg: 'transparent', headerSortActiveBg: dark ? '#222833' : '#f0f3f9', headerSortHoverBg: dark ? '#222833' : '#f0f3f9', fixedHeaderSortActiveBg: dark ? '#222833' : '#f0f3f9', rowHoverBg: dark ? '#1d232c' : '#f5f8ff' },
      Menu: { itemBorderRadius: 8, itemHeight: 38, itemMarginInline: 8, itemSelectedBg: dark ? '#1d2b4f' : '#e8effe', itemSelectedColor: dark ? '#a9c2ff' : '#1d4fd7', groupTitleColor: dark ? '#9aa4b2' : '#5c6675', groupTitleFontSize: 12 },
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none', fontWeight: 500 },
      Tabs: { horizontalMargin: '0 0 12px 0', ...(dark ? { itemSelectedColor: '#86a9ff', itemHoverColor: '#a9c2ff', itemActiveColor: '#a9c2ff', inkBarColor: '#86a9ff' } : {}) },
      Form: { itemMarginBottom: 18, verticalLabelPadding: '0 0 4px' },
      Steps: { iconSizeSM: 22 },
    },
  };
}
