package io.lorashear.sampleworld;

/** What a fact says of its subject; every subject of the kind has exactly one value. */
enum Relation {
  HOME(Kind.PERSON, "town"),
  TRADE(Kind.PERSON, "trade"),
  COMPANION(Kind.PERSON, "animal"),
  DISH(Kind.PERSON, "dish"),
  INSTRUMENT(Kind.PERSON, "instrument"),
  RIVER(Kind.TOWN, "river"),
  WARE(Kind.TOWN, "ware"),
  EMBLEM(Kind.TOWN, "animal"),
  FOUNDED(Kind.TOWN, "year"),
  FAIR(Kind.TOWN, "month"),
  ROAD(Kind.TOWN, "town"),
  EATS(Kind.ANIMAL, "food"),
  SLEEPS(Kind.ANIMAL, "place"),
  TOOL(Kind.TRADE, "tool"),
  MARKET(Kind.TRADE, "day"),
  PRICE(Kind.WARE, "price");

  final Kind subject;

  /** The list of the world that values are drawn from. */
  final String values;

  Relation(Kind subject, String values) {
    this.subject = subject;
    this.values = values;
  }
}
