-- works with: 0028
-- Changes of an order that are decided and have no known end: few at any moment, and looked for whenever an order is.
create index effect_order_open on effect ((action -> 'arguments' ->> 'orderId'))
  where action -> 'arguments' ->> 'orderId' is not null and state in ('intended', 'executing', 'unknown');
