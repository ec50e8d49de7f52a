<?php
// Makes changes at given times: a JSON list of [what, title, ..., second] on standard input.
require_once getenv( 'MW_SRC' ) . '/maintenance/Maintenance.php';
use MediaWiki\MediaWikiServices;
use MediaWiki\Revision\SlotRecord;
use Wikimedia\Timestamp\ConvertibleTimestamp;
class ApplyChanges extends Maintenance {
	private function edit( $title, $user ) {
		$page = MediaWikiServices::getInstance()->getWikiPageFactory()->newFromTitle( $title );
		$updater = $page->newPageUpdater( $user );
		$content = ContentHandler::makeContent( 'Text ' . bin2hex( random_bytes( 8 ) ), $title );
		$updater->setContent( SlotRecord::MAIN, $content );
		$comment = CommentStoreComment::newUnsavedComment( 'a change' );
		$revision = $updater->saveRevision( $comment, 0 );
		return $revision->getId();
	}
	private function change( $services, $what, $arguments ) {
		$title = Title::newFromText( array_shift( $arguments ) );
		$user = $services->getUserFactory()->newFromName( $what === 'edit' ? 'Bob' : 'Erin' );
		switch ( $what ) {
			case 'watch':
				$watcher = $services->getUserFactory()->newFromName( $arguments[0] );
				$services->getWatchedItemStore()->addWatch( $watcher, $title );
				return 0;
			case 'block':
				$services->getBlockUserFactory()
					->newBlockUser( $title->getText(), $user, 'infinity', 'no reason' )->placeBlockUnsafe();
				return 0;
			case 'edit':
				return $this->edit( $title, $user );
			case 'categorize':
				$page = Title::newFromText( $arguments[0] );
				RecentChange::newForCategorization(
					ConvertibleTimestamp::now( TS_MW ), $title, $user, 'put in', $page,
					$page->getLatestRevID(), $page->getLatestRevID(), '', false, '', 0, true )->save();
				return 0;
			case 'external':
				$now = ConvertibleTimestamp::now( TS_MW );
				$change = new RecentChange;
				$change->setAttribs( [
					'rc_timestamp' => $now, 'rc_namespace' => $title->getNamespace(),
					'rc_title' => $title->getDBkey(), 'rc_type' => RC_EXTERNAL, 'rc_source' => 'wb',
					'rc_minor' => 0, 'rc_cur_id' => $title->getArticleID(),
					'rc_user' => $user->getId(), 'rc_user_text' => $user->getName(),
					'rc_comment' => 'item', 'rc_comment_text' => 'item', 'rc_comment_data' => null,
					'rc_this_oldid' => 0, 'rc_last_oldid' => 0, 'rc_bot' => 0, 'rc_ip' => '127.0.0.1',
					'rc_patrolled' => 0, 'rc_new' => 0, 'rc_old_len' => 0, 'rc_new_len' => 0,
					'rc_deleted' => 0, 'rc_logid' => 0, 'rc_log_type' => null, 'rc_log_action' => '',
					'rc_params' => '' ] );
				$change->setExtra( [ 'pageStatus' => 'changed', 'prefixedDBkey' => $title->getPrefixedDBkey() ] );
				$change->save();
				return 0;
			case 'protect':
				$page = $services->getWikiPageFactory()->newFromTitle( $title );
				$cascade = false;
				$restrictions = $services->getRestrictionStore();
				$level = $restrictions->getRestrictions( $title, 'edit' ) ? '' : 'autoconfirmed';
				$page->doUpdateRestrictions(
					[ 'edit' => $level, 'move' => '' ], [], $cascade, 'calm down', $user );
				return 0;
			case 'move':
				$to = Title::newFromText( $arguments[0] );
				$move = $services->getMovePageFactory()->newMovePage( $title, $to );
				$status = $move->move( $user, 'better name', true );
				if ( !$status->isOK() ) { $this->fatalError( $status->getWikiText() ); }
				return 0;
			case 'delete':
				$page = $services->getWikiPageFactory()->newFromTitle( $title );
				$status = $services->getDeletePageFactory()->newDeletePage( $page, $user )
					->deleteUnsafe( 'no use' );
				if ( !$status->isOK() ) { $this->fatalError( $status->getWikiText() ); }
				return 0;
		}
		$this->fatalError( "unknown: $what" );
	}
	public function execute() {
		$services = MediaWikiServices::getInstance();
		$revisions = [];
		foreach ( json_decode( file_get_contents( 'php://stdin' ), true ) as $operation ) {
			$what = array_shift( $operation );
			ConvertibleTimestamp::setFakeTime( gmdate( 'YmdHis', array_pop( $operation ) ) );
			$revisions[] = $this->change( $services, $what, $operation );
			DeferredUpdates::doUpdates();
			Title::clearCaches();
			$services->getLinkCache()->clear();
		}
		$this->output( json_encode( $revisions ) );
	}
}
$maintClass = ApplyChanges::class;
require_once RUN_MAINTENANCE_IF_MAIN;
