// The frame around everything: language, theme, data, routes.
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { App as AntApp, ConfigProvider } from 'antd';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { onSignedOut } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { client } from './client.ts';
import { antdLocale } from './i18n.ts';
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
  const { mode } = usePrefs();
  // The language that is loaded, which follows the one that was chosen by a moment.
  const { i18n } = useTranslation();
  useEffect(() => onSignedOut(leave), []);
  useEffect(() => {
    document.documentElement.dataset.theme = mode;
    document.documentElement.style.colorScheme = mode;
  }, [mode]);
  dayjs.locale(i18n.language === 'zh-CN' ? 'zh-cn' : 'en');
  return (
    // A locale is passed from the first render on: going from none to one would remount the app and lose typed text.
    <ConfigProvider locale={antdLocale(i18n.language)} theme={themeOf(mode)} button={{ autoInsertSpace: false }} form={{ requiredMark: true }}>
      <AntApp component={false} message={{ maxCount: 3 }}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
