<?php
// Users, bot passwords, watches and back-dated edits, in one process: php seed.php
require_once ( getenv( 'MW_SRC' ) ?: '/usr/share/mediawiki' ) . '/maintenance/Maintenance.php';
use MediaWiki\MediaWikiServices;
use MediaWiki\Revision\SlotRecord;
use Wikimedia\Timestamp\ConvertibleTimestamp;
class SeedWiki extends Maintenance {
	private function mkUser( $name, $pw, $groups = [] ) {
		$s = MediaWikiServices::getInstance();
		$u = $s->getUserFactory()->newFromName( $name );
		if ( !$u->isRegistered() ) {
			$st = $s->getAuthManager()->autoCreateUser( $u, MediaWiki\Auth\AuthManager::AUTOCREATE_SOURCE_MAINT, false );
			if ( !$st->isGood() ) { $this->fatalError( "$name: " . $st->getWikiText() ); }
			$u->changeAuthenticationData( [ 'username' => $name, 'password' => $pw, 'retype' => $pw ] );
			$s->getUserGroupManager()->addUserToMultipleGroups( $u, $groups );
		}
		return $u;
	}
	private function mkBot( $u, $app, $pw, $grants ) {
		$bp = BotPassword::newUnsaved( [ 'user' => $u, 'appId' => $app, 'grants' => $grants, 'restrictions' => MWRestrictions::newDefault() ] );
		$pf = MediaWikiServices::getInstance()->getPasswordFactory();
		$st = $bp->save( BotPassword::newFromUser( $u, $app ) ? 'update' : 'insert', $pf->newFromPlaintext( $pw ) );
		if ( !$st->isGood() ) { $this->fatalError( "$app: " . $st->getWikiText() ); }
	}
	private function edit( $u, $title, $text, $summary, $ts, $flags = 0, $tags = [] ) {
		ConvertibleTimestamp::setFakeTime( $ts );
		$t = Title::newFromText( $title );
		$p = MediaWikiServices::getInstance()->getWikiPageFactory()->newFromTitle( $t );
		$up = $p->newPageUpdater( $u );
		$up->setContent( SlotRecord::MAIN, ContentHandler::makeContent( $text, $t ) );
		if ( $tags ) { $up->addTags( $tags ); }
		$r = $up->saveRevision( CommentStoreComment::newUnsavedComment( $summary ), $flags );
		DeferredUpdates::doUpdates();
		return $r ? $r->getId() : 0;
	}
	/** 300 changes of 10 pages; every third shares its second with the one before it. */
	private function seedBusy( $busy, $bob ) {
		$store = MediaWikiServices::getInstance()->getWatchedItemStore();
		for ( $page = 0; $page < 10; $page++ ) {
			$store->addWatch( $busy, Title::newFromText( "Busy $page" ) );
		}
		$second = strtotime( '2026-02-01T00:00:00Z' );
		for ( $i = 0; $i < 300; $i++ ) {
			$second += $i % 3 === 2 ? 0 : 1 + $i % 7;
			$page = 'Busy ' . ( $i * 7 % 10 );
			$at = gmdate( 'Y-m-d\TH:i:s\Z', $second );
			$this->edit( $bob, $page, "Text $i of $page.", "edit $i", $at );
		}
	}
	/** Ellen has 70 notifications of Echo, some of one second; Ellen@none may not read them. */
	private function seedEcho( $bob, $pw ) {
		$ellen = $this->mkUser( 'Ellen', 'ellen-pass-1' );
		$grants = [ 'basic', 'viewmywatchlist', 'editmywatchlist' ];
		$this->mkBot( $ellen, 'gw', $pw, [ ...$grants, 'echo-read-notifications' ] );
		$this->mkBot( $ellen, 'none', $pw, $grants );
		$second = strtotime( '2026-03-01T00:00:00Z' );
		$this->edit( $ellen, 'Ellen article', 'Ellen wrote this.', 'mine', '2026-02-28T00:00:00Z', EDIT_NEW );
		for ( $i = 0; $i < 70; $i++ ) {
			$second += $i % 3 === 2 ? 0 : 60;
			$at = gmdate( 'Y-m-d\TH:i:s\Z', $second );
			RequestContext::getMain()->setUser( $bob );
			if ( $i % 7 === 3 ) {
				$this->edit( $bob, "Linker $i", 'See [[Ellen article]].', 'link', $at, EDIT_NEW );
			} else {
				$this->edit( $bob, 'User talk:Ellen', "== Question $i ==\nWhat of $i?", "ask $i", $at );
			}
		}
	}
	public function execute() {
		$s = MediaWikiServices::getInstance();
		$alice = $this->mkUser( 'Alice', 'alice-pass-1' );
		$bob = $this->mkUser( 'Bob', 'bob-pass-1' );
		$bot = $this->mkUser( 'Robo', 'robo-pass-1', [ 'bot' ] );
		$carol = $this->mkUser( 'Carol', 'carol-pass-1', [ 'nowatch' ] );
		$erin = $this->mkUser( 'Erin', 'erin-pass-1', [ 'sysop' ] );
		$pw = str_repeat( 'a1b2c3d4', 4 );   // must match /^[0-9a-w]{32,}$/
		$this->mkBot( $alice, 'gw', $pw, [ 'basic', 'viewmywatchlist', 'editmywatchlist' ] );
		$this->mkBot( $alice, 'full', $pw, [ 'basic', 'highvolume', 'viewmywatchlist', 'editmywatchlist', 'editpage', 'createeditmovepage', 'editmyoptions' ] );
		$this->mkBot( $alice, 'ro', $pw, [ 'basic', 'viewmywatchlist' ] );
		$this->mkBot( $alice, 'wo', $pw, [ 'basic', 'editmywatchlist' ] );
		$this->mkBot( $alice, 'none', $pw, [ 'basic' ] );
		$this->mkBot( $bob, 'ed', $pw, [ 'basic', 'highvolume', 'editpage', 'createeditmovepage', 'viewmywatchlist', 'editmywatchlist' ] );
		$this->mkBot( $carol, 'gw', $pw, [ 'basic', 'viewmywatchlist', 'editmywatchlist' ] );
		$this->mkBot( $erin, 'full', $pw, [ 'basic', 'highvolume', 'viewmywatchlist', 'editmywatchlist', 'editpage', 'createeditmovepage', 'delete', 'patrol', 'protect' ] );
		$busy = $this->mkUser( 'Busy', 'busy-pass-1' );   // watches pages with 300 pending changes
		$this->mkBot( $busy, 'gw', $pw, [ 'basic', 'viewmywatchlist', 'editmywatchlist' ] );
		$pool = [];   // W1..Wn: identical watchers for parallel tests, bot password Wn@gw
		for ( $i = 1; $i <= (int)( getenv( 'SEED_USERS' ) ?: 4 ); $i++ ) {
			$pool[] = $w = $this->mkUser( "W$i", "w-pass-$i" );
			$this->mkBot( $w, 'gw', $pw, [ 'basic', 'viewmywatchlist', 'editmywatchlist' ] );
		}
		if ( Title::newFromText( 'Page 1' )->exists() ) { $this->output( "already seeded\n" ); return; }
		$d = '2026-01-0';
		for ( $i = 1; $i <= 6; $i++ ) {
			$this->edit( $bob, "Page $i", "Text of page $i.", "create page $i", "{$d}1T00:00:0{$i}Z", EDIT_NEW );
		}
		$this->edit( $bob, 'Talk:Page 1', 'Hi.', 'talk', "{$d}1T00:01:00Z", EDIT_NEW );
		$this->edit( $bob, 'Redir to 2', '#REDIRECT [[Page 2]]', 'redir', "{$d}1T00:02:00Z", EDIT_NEW );
		$wis = $s->getWatchedItemStore();
		foreach ( [ 'Page 1', 'Talk:Page 1', 'Page 2', 'Page 3', 'Page 4', 'Page 5', 'Watched missing' ] as $t ) {
			$wis->addWatch( $alice, Title::newFromText( $t ) );
			foreach ( $pool as $w ) { $wis->addWatch( $w, Title::newFromText( $t ) ); }
		}
		$this->edit( $bob, 'Page 1', "Text of page 1. second", 'second [[Page 2|link]]', "{$d}2T00:00:01Z", EDIT_UPDATE );
		$this->edit( $bob, 'Page 1', "Text of page 1. third", 'third', "{$d}2T00:00:02Z", EDIT_UPDATE | EDIT_MINOR );
		$this->edit( $bob, 'Page 2', "Text of page 2. second", 'p2', "{$d}2T00:00:03Z", EDIT_UPDATE );
		$this->edit( $bot, 'Page 3', "Text of page 3. bot", 'bot edit', "{$d}2T00:00:04Z", EDIT_UPDATE | EDIT_FORCE_BOT );
		$this->edit( $alice, 'Page 4', "Text of page 4. own", 'own edit', "{$d}2T00:00:05Z", EDIT_UPDATE );
		$this->edit( User::newFromName( '203.0.113.9', false ), 'Page 5', "Text of page 5. anon", 'anon edit', "{$d}2T00:00:06Z", EDIT_UPDATE );
		$this->edit( $bob, 'Talk:Page 1', "Hi. again", '/* sec */ reply', "{$d}2T00:00:07Z", EDIT_UPDATE );
		$this->seedBusy( $busy, $bob );
		if ( ExtensionRegistry::getInstance()->isLoaded( 'Echo' ) ) { $this->seedEcho( $bob, $pw ); }
		ConvertibleTimestamp::setFakeTime( false );
		$this->output( "seeded\n" );
	}
}
$maintClass = SeedWiki::class;
require_once RUN_MAINTENANCE_IF_MAIN;
