// The frame around everything: language, theme, data, routes.
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App as AntApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { useEffect } from 'react';
import { onSignedOut } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { client } from './client.ts';
import { usePrefs } from '../ui/prefs.ts';
import { router } from './router.tsx';
import { themeOf } from './theme.ts';

/** A session that ended under our hands: to the sign-in page, and back to where we were. */
function leave() {
  const { pathname, href } = router.state.location;
  if (pathname === '/login') return;
  client.setQueryData(keys.session, null);
  void router.navigate({ to: '/login', search: { next: href, ended: true } });
}

export function App() {
  const { locale, mode } = usePrefs();
  useEffect(() => onSignedOut(leave), []);
  useEffect(() => {
    document.documentElement.dataset.theme = mode;
    document.documentElement.style.colorScheme = mode;
  }, [mode]);
  dayjs.locale(locale === 'zh-CN' ? 'zh-cn' : 'en');
  return (
    // A locale is passed from the first render on: going from none to one would remount the app and lose typed text.
    <ConfigProvider locale={locale === 'zh-CN' ? zhCN : enUS} theme={themeOf(mode)} button={{ autoInsertSpace: false }} form={{ requiredMark: true }}>
      <AntApp component={false} message={{ maxCount: 3 }}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
