package io.lorashear.dependency;

/**
 * Two axes that share a parameter: the groups of the first own parts of it along one dimension,
 * those of the second along another (LoRAShear, section 3.1: overlapping node groups).
 */
public record Overlap(String parameter, String first, String second) {}
