// The icons a plugin may name. Names, never markup: a plugin brings no code and no pictures into the page.
import {
  AlertOutlined, AppstoreOutlined, BarChartOutlined, BellOutlined, CalendarOutlined, CarOutlined, CheckSquareOutlined, CustomerServiceOutlined,
  FileTextOutlined, FlagOutlined, GiftOutlined, HeartOutlined, IdcardOutlined, MessageOutlined, PhoneOutlined, ShopOutlined, SolutionOutlined,
  StarOutlined, TagOutlined, TeamOutlined, ToolOutlined, TrophyOutlined, UnorderedListOutlined, UserOutlined, WalletOutlined,
} from '@ant-design/icons';
import type { ReactNode } from 'react';

const ICONS: Record<string, ReactNode> = {
  alert: <AlertOutlined />, apps: <AppstoreOutlined />, bell: <BellOutlined />, calendar: <CalendarOutlined />, car: <CarOutlined />,
  chart: <BarChartOutlined />, check: <CheckSquareOutlined />, task: <CheckSquareOutlined />, tasks: <CheckSquareOutlined />,
  file: <FileTextOutlined />, flag: <FlagOutlined />, gift: <GiftOutlined />, heart: <HeartOutlined />, id: <IdcardOutlined />,
  list: <UnorderedListOutlined />, message: <MessageOutlined />, phone: <PhoneOutlined />, service: <CustomerServiceOutlined />,
  shop: <ShopOutlined />, solution: <SolutionOutlined />, star: <StarOutlined />, tag: <TagOutlined />, team: <TeamOutlined />,
  tool: <ToolOutlined />, trophy: <TrophyOutlined />, user: <UserOutlined />, wallet: <WalletOutlined />,
};

export const iconOf = (name: string | undefined): ReactNode => ICONS[name ?? ''] ?? <AppstoreOutlined />;
