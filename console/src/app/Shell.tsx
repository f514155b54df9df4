// The page around every page: side menu, top bar, content.
import { DisconnectOutlined, LogoutOutlined, MenuOutlined, QuestionCircleOutlined, SafetyOutlined, SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate, useRouter } from '@tanstack/react-router';
import { Avatar, Button, Drawer, Dropdown } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { sessionQuery, useUser } from '../api/queries.ts';
import { Boundary, Failure } from '../ui/states.tsx';
import { initial } from '../ui/text.ts';
import { forgetRecent } from '../ui/recent.ts';
import { useNarrow } from '../ui/useNarrow.ts';
import { Brand } from '../ui/Brand.tsx';
import { client } from './client.ts';
import { CommandPalette } from './CommandPalette.tsx';
import { activePath, useNav } from './nav.tsx';
import { LanguageSwitch, ModeSwitch } from '../ui/Switches.tsx';
import { openKeys, Shortcut, Shortcuts } from '../ui/shortcuts.tsx';
import { useAway, useLiveStream } from '../api/live.ts';

function Menu({ onGo }: { onGo?: () => void }) {
  const { t } = useTranslation();
  const sections = useNav();
  const active = activePath(sections, useLocation().pathname);
  return (
    <nav className="menu" aria-label={t('nav.title')}>
      {sections.map((section) => (
        <div key={section.key} className="menu-section">
          {section.label && <div className="menu-label" id={`menu-${section.key}`}>{section.label}</div>}
          <ul aria-labelledby={section.label ? `menu-${section.key}` : undefined}>
            {section.items.map((item) => (
              <li key={item.path}>
                <Link to={item.path as never} className={`menu-item ${item.path === active ? 'menu-active' : ''}`} aria-current={item.path === active ? 'page' : undefined} onClick={onGo}>
                  <span className="menu-icon" aria-hidden="true">{item.icon}</span>
                  {item.label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}

function UserMenu() {
  const { t } = useTranslation();
  const user = useUser();
  const navigate = useNavigate();
  if (!user) return null;
  const signOut = async () => {
    // Signed out here even when the server cannot be told just now.
    await api.delete('/session').catch(() => undefined);
    forgetRecent();
    client.clear();
    client.setQueryData(keys.session, null);
    await navigate({ to: '/login' });
  };
  return (
    <Dropdown
      trigger={['click']}
      placement="bottomRight"
      menu={{
        items: [
          { key: 'who', type: 'group', label: <span className="who"><strong>{user.name}</strong><span className="muted">{user.login} · {user.org.name}</span></span> },
          { type: 'divider' },
          { key: 'account', icon: <SafetyOutlined />, label: <Link to="/account">{t('top.account')}</Link> },
          { key: 'me', label: <Link to="/people/$id" params={{ id: user.id }}>{t('top.me')}</Link> },
          { key: 'keys', icon: <QuestionCircleOutlined />, label: t('top.keys'), onClick: openKeys },
          { key: 'out', icon: <LogoutOutlined />, label: t('top.sign_out'), onClick: () => void signOut() },
        ],
      }}
    >
      <button type="button" className="user-button" aria-label={t('top.user', { name: user.name })}>
        <Avatar size={30} className="avatar">{initial(user.name)}</Avatar>
      </button>
    </Dropdown>
  );
}

function useShortcut(open: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open();
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [open]);
}

/** What others do arrives by itself; when it cannot, that is said. */
function Away() {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  // Before what must be done first the server tells nobody anything.
  useLiveStream(session != null && !session.wants);
  return useAway() ? <div className="away" role="status"><DisconnectOutlined aria-hidden /> {t('live.away')}</div> : null;
}

/** Keys that lead to pages, for whoever knows the way. */
function PageKeys() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const items = useNav().flatMap((section) => section.items.filter(({ keys }) => keys));
  return items.map(({ path, label, keys }) => <Shortcut key={path} keys={keys} label={t('keys.go', { page: label })} run={() => void navigate({ to: path as never })} />);
}

export function Shell() {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const { pathname } = useLocation();
  const router = useRouter();
  const [menuOpen, setMenuOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  useShortcut(openPalette);
  return (
    <div className="shell">
      <a className="skip" href="#content">{t('top.skip')}</a>
      {!narrow && (
        <aside className="side">
          <div className="side-inner">
            <Link to="/today" className="side-brand" aria-label="Marque"><Brand /></Link>
            <Menu />
          </div>
        </aside>
      )}
      <div className="frame">
        <header className="top">
          {narrow && <Button type="text" icon={<MenuOutlined />} aria-label={t('nav.open')} onClick={() => setMenuOpen(true)} />}
          <button type="button" className="top-search" onClick={openPalette} aria-label={narrow ? t('palette.open') : undefined}>
            <SearchOutlined aria-hidden />
            {!narrow && <><span>{t('palette.hint')}</span><kbd>Ctrl K</kbd></>}
          </button>
          <span className="top-end">
            <LanguageSwitch />
            <ModeSwitch />
            <UserMenu />
          </span>
        </header>
        <Away />
        <main id="content" className="content" tabIndex={-1}>
          <Boundary key={pathname} fallback={(error, reset) => <Failure error={error} onRetry={() => { reset(); void router.invalidate(); }} />}>
            <Outlet />
          </Boundary>
        </main>
      </div>
      {narrow && (
        <Drawer open={menuOpen} onClose={() => setMenuOpen(false)} placement="left" size={272} title={<Brand />} classNames={{ body: 'drawer-menu' }}>
          <Menu onGo={() => setMenuOpen(false)} />
        </Drawer>
      )}
      <PageKeys />
      <Shortcuts />
      <CommandPalette open={paletteOpen} onClose={() => setPaletteOpen(false)} />
    </div>
  );
}
