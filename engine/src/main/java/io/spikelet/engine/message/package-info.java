/** What messages show of values that come from files. */
package io.spikelet.engine.message;
