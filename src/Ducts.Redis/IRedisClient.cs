using System.Runtime.CompilerServices;

namespace Ducts.Redis;

/// <summary>
/// The Redis client that handlers use; one per server. Every method may be called from any thread, at any rate: the
/// commands of all callers travel over one shared connection, and none waits for another's reply. Arguments are texts
/// (sent as UTF-8), numbers (as invariant text), bytes, and bools (as 1 and 0); null is an <see cref="ArgumentNullException"/>.
/// </summary>
/// <remarks>
/// Every method throws an <see cref="ArgumentNullException"/> for an argument that is null. Every method that talks to Redis fails with a <see cref="RedisErrorException"/> that has Redis' own text if Redis answers
/// with an error, with a <see cref="RedisUnavailableException"/> if there is no answer within the command timeout or the
/// connection is lost (<see cref="RedisUnavailableException.IsOutcomeUnknown"/> tells whether the command may have been
/// carried out; nothing is ever sent twice on its own), and with an <see cref="OperationCanceledException"/> if its token
/// is cancelled; a command that had been written then is carried out nevertheless.
/// </remarks>
public interface IRedisClient
{
    /// <summary>Raised when a connection for commands was lost or regained, on a thread of the pool.</summary>
    event EventHandler<RedisConnectionChangedEventArgs>? ConnectionChanged;

    /// <summary>Whether commands are written at once.</summary>
    bool IsConnected { get; }

    /// <summary>A look at the connection, for readiness and for people.</summary>
    RedisStatus Status { get; }

    /// <summary>Runs any command Redis has, sent as it is given. Blocking and connection-bound commands (BLPOP, XREAD BLOCK, MULTI, SUBSCRIBE, SELECT…) are refused; see <see cref="OpenDedicatedAsync"/>.</summary>
    /// <param name="command">The command's name, such as <c>GET</c>.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The raw reply, bulk strings as bytes.</returns>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    ValueTask<RedisReply> ExecuteAsync(string command, params ReadOnlySpan<RedisArgument> arguments);

    /// <summary>Runs a command: <c>ExecuteAsync("SET", [key, value], token)</c>.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The raw reply, bulk strings as bytes.</returns>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    [OverloadResolutionPriority(1)]
    ValueTask<RedisReply> ExecuteAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken);

    /// <summary>Runs a command whose arguments are known at run time only; see <see cref="RedisArgument.From"/>.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">Strings, numbers, bytes, bools.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The raw reply, bulk strings as bytes.</returns>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    /// <exception cref="ArgumentException">An argument is of another type.</exception>
    ValueTask<RedisReply> ExecuteAsync(string command, IReadOnlyList<object?> arguments, CancellationToken cancellationToken = default);

    /// <summary>Runs any command Redis has, and decodes every bulk string of its reply as UTF-8, at any depth.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>The reply, bulk strings as text.</returns>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    ValueTask<RedisReply> ExecuteStringAsync(string command, params ReadOnlySpan<RedisArgument> arguments);

    /// <summary>Runs any command Redis has, and decodes every bulk string of its reply as UTF-8, at any depth.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The reply, bulk strings as text.</returns>
    /// <exception cref="InvalidOperationException">The command would hold up or change the shared connection.</exception>
    [OverloadResolutionPriority(1)]
    ValueTask<RedisReply> ExecuteStringAsync(string command, ReadOnlySpan<RedisArgument> arguments, CancellationToken cancellationToken);

    /// <summary>Measures a round trip (PING).</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How long it took; in a cluster, to any one master.</returns>
    ValueTask<TimeSpan> PingAsync(CancellationToken cancellationToken = default);

    /// <summary>Adds an entry to a stream (XADD): <c>XAddAsync("chat", "name", "Alice", "age", 30)</c>.</summary>
    /// <param name="stream">The stream's key; made if it does not exist.</param>
    /// <param name="pairs">Name, value, name, value; at least one pair.</param>
    /// <returns>The new entry's id, <c>milliseconds-sequence</c>.</returns>
    /// <exception cref="ArgumentException">There is no pair, or a name without a value.</exception>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<string> XAddAsync(string stream, params ReadOnlySpan<RedisArgument> pairs);

    /// <summary>Adds an entry to a stream (XADD): <c>XAddAsync("chat", ["name", "Alice"], maxLength: 1000)</c>.</summary>
    /// <param name="stream">The stream's key; made if it does not exist.</param>
    /// <param name="pairs">Name, value, name, value; at least one pair.</param>
    /// <param name="maxLength">About how many entries the stream keeps (MAXLEN ~); null: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The new entry's id, <c>milliseconds-sequence</c>.</returns>
    /// <exception cref="ArgumentException">There is no pair, or a name without a value.</exception>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<string> XAddAsync(string stream, ReadOnlySpan<RedisArgument> pairs, long? maxLength, CancellationToken cancellationToken = default);

    /// <summary>Adds an entry to a stream (XADD): <c>XAddAsync("chat", new { Name = "Alice" })</c>.</summary>
    /// <param name="stream">The stream's key; made if it does not exist.</param>
    /// <param name="fields">A dictionary or other sequence of key-value pairs, or an object whose public properties are the fields, named as they are.</param>
    /// <param name="maxLength">About how many entries the stream keeps (MAXLEN ~); null: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The new entry's id, <c>milliseconds-sequence</c>.</returns>
    /// <exception cref="ArgumentException">There are no fields, or a value is no text, number, bytes or bool.</exception>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<string> XAddAsync(string stream, object fields, long? maxLength = null, CancellationToken cancellationToken = default);

    /// <summary>Adds an entry to a stream, then publishes its id on a channel, atomically and in one round trip (a script of XADD and PUBLISH).</summary>
    /// <param name="channel">The channel; in a cluster, of any slot.</param>
    /// <param name="stream">The stream's key; made if it does not exist.</param>
    /// <param name="pairs">Name, value, name, value; at least one pair.</param>
    /// <returns>The new entry's id, and how many subscribers Redis gave the message to.</returns>
    /// <exception cref="ArgumentException">There is no pair, or a name without a value.</exception>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<RedisPublishedEntry> XAddAndPublishAsync(string channel, string stream, params ReadOnlySpan<RedisArgument> pairs);

    /// <summary>Adds an entry to a stream, then publishes its id on a channel, atomically and in one round trip (a script of XADD and PUBLISH).</summary>
    /// <param name="channel">The channel; in a cluster, of any slot.</param>
    /// <param name="stream">The stream's key; made if it does not exist.</param>
    /// <param name="fields">A dictionary or other sequence of key-value pairs, or an object whose public properties are the fields, named as they are.</param>
    /// <param name="maxLength">About how many entries the stream keeps (MAXLEN ~); null: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The new entry's id, and how many subscribers Redis gave the message to.</returns>
    /// <exception cref="ArgumentException">There are no fields, or a value is no text, number, bytes or bool.</exception>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<RedisPublishedEntry> XAddAndPublishAsync(string channel, string stream, object fields, long? maxLength = null, CancellationToken cancellationToken = default);

    /// <summary>Gets an entry's fields (XRANGE stream id id).</summary>
    /// <param name="stream">The stream's key.</param>
    /// <param name="id">The entry's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The fields; empty when there is no such entry.</returns>
    /// <exception cref="RedisErrorException">Redis' own error: an id that is none, or WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<RedisFields> XGetAsync(string stream, string id, CancellationToken cancellationToken = default);

    /// <summary>Gets an entry (XRANGE stream id id).</summary>
    /// <param name="stream">The stream's key.</param>
    /// <param name="id">The entry's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The entry; null when there is none.</returns>
    /// <exception cref="RedisErrorException">Redis' own error: an id that is none, or WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<RedisStreamEntry?> XGetWithIdAsync(string stream, string id, CancellationToken cancellationToken = default);

    /// <summary>Gets the newest entry's fields (XREVRANGE stream + - COUNT 1).</summary>
    /// <param name="stream">The stream's key.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The fields; empty when the stream is empty or absent.</returns>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<RedisFields> XLastAsync(string stream, CancellationToken cancellationToken = default);

    /// <summary>Gets the newest entry (XREVRANGE stream + - COUNT 1).</summary>
    /// <param name="stream">The stream's key.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The entry; null when the stream is empty or absent.</returns>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<RedisStreamEntry?> XLastWithIdAsync(string stream, CancellationToken cancellationToken = default);

    /// <summary>Gets entries, oldest first (XRANGE).</summary>
    /// <param name="stream">The stream's key.</param>
    /// <param name="start">The first id; <c>-</c> is the oldest, <c>(id</c> leaves the id out.</param>
    /// <param name="stop">The last id; <c>+</c> is the newest, <c>(id</c> leaves the id out.</param>
    /// <param name="count">At most how many; null: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The entries; none when the stream is absent.</returns>
    /// <exception cref="RedisErrorException">Redis' own error: an id that is none, or WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<IReadOnlyList<RedisStreamEntry>> XRangeAsync(string stream, string start = "-", string stop = "+", long? count = null, CancellationToken cancellationToken = default);

    /// <summary>Gets entries, newest first (XREVRANGE).</summary>
    /// <param name="stream">The stream's key.</param>
    /// <param name="start">The first, that is newest, id; <c>+</c> is the newest, <c>(id</c> leaves the id out.</param>
    /// <param name="stop">The last, that is oldest, id; <c>-</c> is the oldest, <c>(id</c> leaves the id out.</param>
    /// <param name="count">At most how many; null: all.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The entries; none when the stream is absent.</returns>
    /// <exception cref="RedisErrorException">Redis' own error: an id that is none, or WRONGTYPE where the key holds something other than a stream.</exception>
    ValueTask<IReadOnlyList<RedisStreamEntry>> XRevRangeAsync(string stream, string start = "+", string stop = "-", long? count = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a hash (HGETALL).</summary>
    /// <param name="key">The hash's key.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>Field names and values; empty when the hash is absent.</returns>
    /// <exception cref="RedisErrorException">Redis' own error, such as WRONGTYPE where the key holds something other than a hash.</exception>
    ValueTask<RedisFields> HGetAllAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Runs a Lua script, sent by its hash and loaded when Redis does not know it (EVALSHA, then EVAL).</summary>
    /// <param name="script">The script; what differs from call to call belongs into its arguments, as Redis keeps every script.</param>
    /// <param name="keys">The keys it uses, <c>KEYS[1]</c> and on; in a cluster, of one slot.</param>
    /// <param name="arguments">Its arguments, <c>ARGV[1]</c> and on.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The raw reply, bulk strings as bytes.</returns>
    /// <exception cref="ArgumentException">The script is empty; <see cref="ArgumentNullException"/> where it, a key or an argument is null.</exception>
    /// <exception cref="RedisErrorException">Redis' own error: of the script, or one that the script gives back.</exception>
    /// <exception cref="RedisUnavailableException">There was no reply within the command timeout, which is that of both commands together, or the connection was lost.</exception>
    ValueTask<RedisReply> EvalAsync(string script, ReadOnlySpan<string> keys = default, ReadOnlySpan<RedisArgument> arguments = default, CancellationToken cancellationToken = default);

    /// <summary>Goes through the keys that match a pattern, each once (SCAN); in a cluster through those of all masters.</summary>
    /// <param name="pattern">A glob-style pattern: <c>*</c>, <c>?</c>, <c>[abc]</c>; all keys by default.</param>
    /// <param name="cancellationToken">Ends the sequence.</param>
    /// <returns>The keys that exist throughout; one that comes or goes meanwhile may be among them or not. Holds the keys seen in memory.</returns>
    /// <exception cref="ArgumentNullException">The pattern is null; raised by the reading.</exception>
    /// <exception cref="RedisErrorException">Redis' own error, raised by the reading.</exception>
    /// <exception cref="RedisUnavailableException">A step was not answered within the command timeout; raised by the reading.</exception>
    IAsyncEnumerable<string> ScanAsync(string pattern = "*", CancellationToken cancellationToken = default);

    /// <summary>Subscribes to a channel (SUBSCRIBE, over a connection for subscriptions). Comes back by itself after a lost connection; what is published meanwhile is lost, as always in Redis.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="cancellationToken">Ends the waiting for Redis' confirmation.</param>
    /// <returns>The subscription, confirmed; dispose of it to end it.</returns>
    /// <exception cref="ArgumentException">The name is empty; <see cref="ArgumentNullException"/> where it is null.</exception>
    /// <exception cref="RedisErrorException">Redis refuses the channel to this user (NOPERM).</exception>
    /// <exception cref="RedisUnavailableException">There was no confirmation within the command timeout.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    ValueTask<RedisSubscription> SubscribeAsync(string channel, CancellationToken cancellationToken = default);

    /// <summary>Subscribes to all channels that match a pattern (PSUBSCRIBE); otherwise as <see cref="SubscribeAsync"/>.</summary>
    /// <param name="pattern">A glob-style pattern.</param>
    /// <param name="cancellationToken">Ends the waiting for Redis' confirmation.</param>
    /// <returns>The subscription, confirmed; dispose of it to end it.</returns>
    /// <exception cref="ArgumentException">The name is empty; <see cref="ArgumentNullException"/> where it is null.</exception>
    /// <exception cref="RedisErrorException">Redis refuses the channel to this user (NOPERM).</exception>
    /// <exception cref="RedisUnavailableException">There was no confirmation within the command timeout.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    ValueTask<RedisSubscription> PSubscribeAsync(string pattern, CancellationToken cancellationToken = default);

    /// <summary>
    /// Subscribes to a sharded channel (SSUBSCRIBE): in a cluster its messages stay at the node of its slot. Otherwise as
    /// <see cref="SubscribeAsync"/>.
    /// </summary>
    /// <param name="channel">The channel, which has a slot as a key has.</param>
    /// <param name="cancellationToken">Ends the waiting for Redis' confirmation.</param>
    /// <returns>The subscription, confirmed; dispose of it to end it.</returns>
    /// <exception cref="ArgumentException">The name is empty; <see cref="ArgumentNullException"/> where it is null.</exception>
    /// <exception cref="RedisErrorException">Redis refuses the channel to this user (NOPERM).</exception>
    /// <exception cref="RedisUnavailableException">There was no confirmation within the command timeout.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    ValueTask<RedisSubscription> SSubscribeAsync(string channel, CancellationToken cancellationToken = default);

    /// <summary>Publishes a message on a sharded channel (SPUBLISH); only <see cref="SSubscribeAsync"/> receives it.</summary>
    /// <param name="channel">The channel.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The number of subscribers that Redis gave the message to.</returns>
    ValueTask<long> SPublishAsync(string channel, RedisArgument message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Follows a stream: its newest entries, oldest first, then every entry added from now on, each once and in order,
    /// also those added while the connection was lost. A message on a channel that matches the pattern says that there are
    /// new ones (PSUBSCRIBE, XRANGE); all followers of one pattern and stream share one subscription, one read, and the
    /// entries themselves.
    /// </summary>
    /// <param name="pattern">A glob-style pattern of the channels on which new entries are announced.</param>
    /// <param name="stream">The stream's key.</param>
    /// <param name="lastCount">How many of the newest entries come first; 0 by default. With 0 the sequence starts after the stream's end at the time of this call.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The entries, each with its id and fields, without end. The reading throws <see cref="RedisSubscriberLimitException"/> to a
    /// reader that falls <see cref="RedisClientOptions.SubscriberLimit"/> entries behind, <see cref="RedisUnavailableException"/>
    /// where Redis is not there at its start, and <see cref="RedisErrorException"/> where the key is no stream (WRONGTYPE) or not
    /// allowed (NOPERM); it ends when the client is disposed of.
    /// </returns>
    /// <exception cref="ArgumentException">A name is empty; <see cref="ArgumentNullException"/> where it is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lastCount"/> is negative.</exception>
    IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeAsync(string pattern, string stream, int lastCount = 0, CancellationToken cancellationToken = default);

    /// <summary>Follows a stream from an id: every entry after it, each once and in order; otherwise as <see cref="PSubAndXRangeAsync"/>.</summary>
    /// <param name="pattern">A glob-style pattern of the channels on which new entries are announced.</param>
    /// <param name="stream">The stream's key.</param>
    /// <param name="id">The id of the last entry that is known already, such as one kept from an earlier sequence; <c>0-0</c> for all.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The entries, without end; fails as <see cref="PSubAndXRangeAsync"/> does.</returns>
    /// <exception cref="ArgumentException">A name is empty, or the id is none; <see cref="ArgumentNullException"/> where one is null.</exception>
    IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeAfterAsync(string pattern, string stream, string id, CancellationToken cancellationToken = default);

    /// <summary>Follows a stream whose entries are announced on one channel (SUBSCRIBE, XRANGE); otherwise as <see cref="PSubAndXRangeAsync"/>.</summary>
    /// <param name="channel">The channel on which new entries are announced.</param>
    /// <param name="stream">The stream's key.</param>
    /// <param name="lastCount">How many of the newest entries come first; 0 by default.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The entries, without end; fails as <see cref="PSubAndXRangeAsync"/> does.</returns>
    /// <exception cref="ArgumentException">A name is empty; <see cref="ArgumentNullException"/> where it is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lastCount"/> is negative.</exception>
    IAsyncEnumerable<RedisStreamEntry> SubAndXRangeAsync(string channel, string stream, int lastCount = 0, CancellationToken cancellationToken = default);

    /// <summary>Follows a stream whose entries are announced on one channel, from an id; otherwise as <see cref="PSubAndXRangeAfterAsync"/>.</summary>
    /// <param name="channel">The channel on which new entries are announced.</param>
    /// <param name="stream">The stream's key.</param>
    /// <param name="id">The id of the last entry that is known already; <c>0-0</c> for all.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The entries, without end; fails as <see cref="PSubAndXRangeAsync"/> does.</returns>
    /// <exception cref="ArgumentException">A name is empty, or the id is none; <see cref="ArgumentNullException"/> where one is null.</exception>
    IAsyncEnumerable<RedisStreamEntry> SubAndXRangeAfterAsync(string channel, string stream, string id, CancellationToken cancellationToken = default);

    /// <summary>
    /// Follows a stream by ids: for each message on a channel that matches the pattern, the entry whose id is the payload
    /// (PSUBSCRIBE, XRANGE id id); none where there is no such entry. After a lost connection, the entries added meanwhile
    /// come first. Shared by all followers of one pattern and stream.
    /// </summary>
    /// <param name="pattern">A glob-style pattern of channels.</param>
    /// <param name="stream">The stream's key.</param>
    /// <param name="cancellationToken">Ends the sequence with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>
    /// The entries, each with its id and fields, without end. The reading throws <see cref="RedisSubscriberLimitException"/> to a
    /// reader that falls <see cref="RedisClientOptions.SubscriberLimit"/> entries behind, <see cref="RedisUnavailableException"/>
    /// where Redis is not there at its start, and <see cref="RedisErrorException"/> where the key is no stream (WRONGTYPE) or not
    /// allowed (NOPERM); it ends when the client is disposed of.
    /// </returns>
    /// <exception cref="ArgumentException">A name is empty; <see cref="ArgumentNullException"/> where it is null.</exception>
    IAsyncEnumerable<RedisStreamEntry> PSubAndXRangeForEachIdAsync(string pattern, string stream, CancellationToken cancellationToken = default);

    /// <summary>Opens a connection of one's own, for blocking commands, WATCH with MULTI, and MONITOR; from a pool.</summary>
    /// <param name="key">In a cluster: a key whose node to connect to; null: any master.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The connection, as it is after signing in; dispose of it to give it back.</returns>
    /// <exception cref="RedisErrorException">Redis refused the user, the password or the database.</exception>
    /// <exception cref="RedisUnavailableException">There is no connection to be had now; unlike commands, this does not wait for Redis to come back.</exception>
    /// <exception cref="ObjectDisposedException">The client was disposed of.</exception>
    ValueTask<RedisDedicatedConnection> OpenDedicatedAsync(string? key = null, CancellationToken cancellationToken = default);

    /// <summary>Runs commands as one transaction, in one write (MULTI, the commands, EXEC).</summary>
    /// <param name="commands">The commands; in a cluster, keys of one slot.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The replies in order; a command that failed has an error value in its place, and the others were carried out.</returns>
    /// <exception cref="RedisErrorException">Redis refused a command before the transaction began; none was carried out.</exception>
    /// <exception cref="ArgumentNullException">The batch is null.</exception>
    ValueTask<IReadOnlyList<RedisReply>> TransactionAsync(RedisBatch commands, CancellationToken cancellationToken = default);

    /// <summary>Runs commands in one write. In a cluster each goes to the node of its key, and other callers' commands may come between them.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The replies in order; a command that failed has an error value in its place.</returns>
    /// <exception cref="ArgumentNullException">The batch is null.</exception>
    /// <exception cref="RedisUnavailableException">There was no reply within the command timeout, or the connection was lost; in a cluster some of the commands may have been carried out then (<see cref="RedisUnavailableException.IsOutcomeUnknown"/>).</exception>
    ValueTask<IReadOnlyList<RedisReply>> BatchAsync(RedisBatch commands, CancellationToken cancellationToken = default);
}
