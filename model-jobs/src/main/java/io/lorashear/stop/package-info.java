/**
 * Ends the work of this process when it is asked to. In: SIGTERM and SIGINT. Out: a request that
 * work looks at in places where its state is whole. No section of the paper.
 */
@NullMarked
package io.lorashear.stop;

import org.jspecify.annotations.NullMarked;
