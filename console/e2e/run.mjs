// Walks every page of the console in a real browser and fails on anything that should not happen.
// BASE_URL, LOGIN and PASSWORD say where and who; SHOTS is a folder for screenshots.
import { mkdir } from 'node:fs/promises';
import { browser, shots, stampedAnew } from './tools.mjs';
import { walkAccount } from './walks/account.mjs';
import { collide, createCustomer, lookAt, walkCustomer, walkCustomers, walkDoubts, walkPalette, walkWriting } from './walks/customers.mjs';
import { walkAdmin, walkExpiry, walkLogin, walkPhone } from './walks/frame.mjs';
import { walkFiles, walkHistory, walkRemoved } from './walks/history.mjs';
import { walkApprovals, walkAudit, walkOrgs, walkPeople, walkRoles, walkTeams } from './walks/house.mjs';
import { walkComplaintOfficer, walkConsultant, walkFollowUp, walkKeeper, walkManager, walkWays } from './walks/days.mjs';
import { walkEverywhere, walkSmall, walkSmallDays } from './walks/everywhere.mjs';
import { walkSchema } from './walks/schema.mjs';
import { walkImport } from './walks/imports.mjs';
import { walkKinds } from './walks/kinds.mjs';
import { walkBulk, walkCells, walkExport, walkSegments, walkViews } from './walks/lists.mjs';
import { walkMerge, walkReviews } from './walks/merging.mjs';
import { walkPath } from './walks/path.mjs';
import { walkPrivacy } from './walks/privacy.mjs';
import { walkActions, walkPages, walkPlugins, walkScreens, walkScripts } from './walks/plugins.mjs';

/** One walk; the others follow whatever comes of it. A wait that ran out on a slow machine is walked once more and told; what a page does wrong never is. */
async function walkOn(name, walk) {
  try {
    await walk();
  } catch (error) {
    if (error.name !== 'TimeoutError') return void browser.faults.push(`${name} stopped: ${error.stack}`);
    console.log(`  ${name} once more: ${error.message}`);
    await stampedAnew(walk).catch((again) => browser.faults.push(`${name} stopped twice: ${again.stack}`));
  }
}

if (shots) await mkdir(shots, { recursive: true });
browser.expect(401, '/api/v1/session');

try {
  const { context, tab } = await browser.page();
  await walkLogin(tab);
  const path = await createCustomer(tab);
  // CUSTOMER names a richer customer to look at than the one made here.
  const rich = process.env.CUSTOMER ?? path;
  const walks = {
    schema: () => walkSchema(),
    customers: () => walkCustomers(tab),
    customer: () => walkCustomer(tab, path),
    collide: () => collide(context, tab, path),
    writing: () => walkWriting(tab),
    doubts: () => walkDoubts(tab),
    palette: () => walkPalette(tab),
    views: () => walkViews(tab),
    export: () => walkExport(tab),
    bulk: () => walkBulk(tab),
    cells: () => walkCells(tab),
    segments: () => walkSegments(tab),
    history: () => walkHistory(tab),
    files: () => walkFiles(tab, path),
    merge: () => walkMerge(tab),
    reviews: () => walkReviews(tab),
    privacy: () => walkPrivacy(tab),
    removed: () => walkRemoved(tab),
    screens: () => walkScreens(tab),
    actions: () => walkActions(tab, path),
    import: () => walkImport(tab),
    kinds: () => walkKinds(tab),
    plugins: () => walkPlugins(tab),
    pages: () => walkPages(tab),
    scripts: () => walkScripts(tab),
    orgs: () => walkOrgs(tab),
    people: () => walkPeople(tab),
    teams: () => walkTeams(tab),
    roles: () => walkRoles(tab),
    audit: () => walkAudit(tab),
    approvals: () => walkApprovals(tab),
    admin: () => walkAdmin(tab),
    account: () => walkAccount(tab),
    consultant: () => walkConsultant(),
    follow_up: () => walkFollowUp(tab),
    complaint_officer: () => walkComplaintOfficer(),
    manager: () => walkManager(),
    keeper: () => walkKeeper(tab),
    ways: () => walkWays(tab),
    everywhere: () => walkEverywhere(tab, rich),
    small: () => walkSmall(rich),
    small_days: () => walkSmallDays(),
    rich: () => lookAt(tab, rich),
    phone: () => walkPhone(),
    expiry: () => walkExpiry(context, tab),
  };
  const later = { path: () => walkPath(tab) };
  // CLOCK says that the server's clock may be set: only walks in which days pass are for such a server, and they for no other.
  const chosen = process.env.CLOCK ? later : walks;
  // ONLY=scripts,phone walks those alone, while working on them.
  const only = process.env.ONLY?.split(',');
  for (const [name, walk] of Object.entries(chosen)) {
    if (!only || only.includes(name)) await walkOn(name, walk);
  }
  if (shots) console.log(`screenshots in ${shots}`);
} catch (error) {
  browser.faults.push(`the walk stopped: ${error.stack}`);
} finally {
  await browser.close();
}
for (const fault of new Set(browser.faults)) console.error(`FAULT ${fault}`);
console.log(browser.faults.length === 0 ? 'every page is clean' : `${new Set(browser.faults).size} faults`);
process.exit(browser.faults.length === 0 ? 0 : 1);
