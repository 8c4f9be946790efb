/** The deployment's trust: its own CA, the nodes' certificates, TLS 1.3 and nothing below. */
@NullMarked
package dev.holdfast.node.tls;

import org.jspecify.annotations.NullMarked;
