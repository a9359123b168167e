/**
 * The model families: each writes its forward pass once. In: a {@link
 * io.lorashear.family.ModelConfig} as a checkpoint's config.json states it. Out: a {@link
 * io.lorashear.graph.ModelGraph}.
 */
@NullMarked
package io.lorashear.family;

import org.jspecify.annotations.NullMarked;
