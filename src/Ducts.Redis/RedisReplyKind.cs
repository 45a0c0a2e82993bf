namespace Ducts.Redis;

/// <summary>What a <see cref="RedisReply"/> is, by the types of RESP3; RESP2 replies use a part of them.</summary>
public enum RedisReplyKind
{
    /// <summary>No value: RESP3 <c>_</c>, RESP2 <c>$-1</c> and <c>*-1</c>.</summary>
    Null,

    /// <summary>A status such as <c>OK</c>: <c>+</c>.</summary>
    SimpleString,

    /// <summary>An error inside a larger reply, or one of a batch: <c>-</c> and <c>!</c>.</summary>
    Error,

    /// <summary>A 64-bit integer: <c>:</c>.</summary>
    Integer,

    /// <summary>Bytes: <c>$</c>.</summary>
    BulkString,

    /// <summary>A list: <c>*</c>.</summary>
    Array,

    /// <summary>Pairs of key and value: <c>%</c>. Items are key, value, key, value.</summary>
    Map,

    /// <summary>An unordered list: <c>~</c>.</summary>
    Set,

    /// <summary>A double: <c>,</c>.</summary>
    Double,

    /// <summary>A boolean: <c>#</c>.</summary>
    Boolean,

    /// <summary>An integer of any length, held as text: <c>(</c>.</summary>
    BigNumber,

    /// <summary>Bytes with a format of three letters, such as <c>txt</c>: <c>=</c>.</summary>
    VerbatimString,

    /// <summary>What the server sent without being asked: <c>&gt;</c>.</summary>
    Push,
}
