// A client of graphql-ws or graphql-sse whose subscriptions go on from their last event after a break.
export function resuming(client) {
  return {
    ...client,
    subscribe(payload, sink) {
      const variables = { ...payload.variables };
      const next = (result) => {
        variables.cursor = result.data?.notificationEvents?.cursor ?? variables.cursor;
        sink.next(result);
      };
      return client.subscribe({ ...payload, variables }, { ...sink, next });
    },
  };
}
