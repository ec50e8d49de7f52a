/** Listens to the gateway by graphql-ws; each new connection goes on after the last event that came. */
import { type Client, createClient } from "graphql-ws";

import { Events, type EventsSubscription, type NotificationFilter } from "../generated";
import { ENDPOINT } from "./ask";
import { readKey } from "./key";

export type Event = EventsSubscription["notificationEvents"];

export type Ears = {
  hear(event: Event): void;
  /** The connection stands. */
  begin(): void;
  /** It broke, and is tried again. */
  lose(): void;
  /** What is listened to was refused, and is not tried again. */
  fail(): void;
  /** The gateway takes no such key. */
  refuse(): void;
};

const ALIVE_EVERY = 12_000; // milliseconds
const PONG_WITHIN = 5_000;
const LONGEST_PAUSE = 15_000;
const WRONG_KEY = 4403;

export class Listener {
  private client: Client | null = null;
  private end = () => {};
  private hurry = () => {};

  constructor(private readonly ears: Ears) {}

  /** Listens from a cursor on, in place of what was listened to before. */
  start(filter: NotificationFilter, cursor: string | null): void {
    const endBefore = this.end;
    this.client ??= this.connect();
    const variables = { filter, cursor };
    this.end = this.client.subscribe<EventsSubscription>(
      { query: Events, variables },
      {
        next: ({ data }) => {
          if (!data) return;
          variables.cursor = data.notificationEvents.cursor; // graphql-ws sends it with the next try
          this.ears.hear(data.notificationEvents);
        },
        error: () => this.ears.fail(),
        complete: () => {},
      },
    );
    endBefore(); // only now, so that the connection is never without a use
  }

  /** Ends it all, as where the key is forgotten. */
  stop(): void {
    this.end();
    this.end = () => {};
    void this.client?.dispose();
    this.client = null;
  }

  /** Takes the connection for dead, as after a sleep, and makes another at once. */
  wake(): void {
    this.client?.terminate();
    this.hurry();
  }

  private connect(): Client {
    const url = new URL(ENDPOINT);
    url.protocol = url.protocol.replace("http", "ws");
    let pong: ReturnType<typeof setTimeout> | undefined;
    const client = createClient({
      url: url.href,
      connectionParams: () => ({ ...(readKey() && { Authorization: `Bearer ${readKey()}` }) }),
      keepAlive: ALIVE_EVERY,
      lazyCloseTimeout: 1000,
      retryAttempts: Infinity,
      shouldRetry: (event) => (event as CloseEvent).code !== WRONG_KEY,
      retryWait: (tries) => this.pause(Math.min(LONGEST_PAUSE, 500 * 2 ** tries) * (0.5 + Math.random() / 2)),
      on: {
        connected: () => this.ears.begin(),
        closed: (event) => {
          clearTimeout(pong);
          if (this.client !== client) return;
          if ((event as CloseEvent).code === WRONG_KEY) this.ears.refuse();
          else this.ears.lose();
        },
        ping: (isReceived) => {
          if (!isReceived) pong = setTimeout(() => client.terminate(), PONG_WITHIN);
        },
        pong: (isReceived) => {
          if (isReceived) clearTimeout(pong);
        },
      },
    });
    return client;
  }

  private pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.hurry = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}
