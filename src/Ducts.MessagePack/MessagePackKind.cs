namespace Ducts.MessagePack;

/// <summary>Specifies the kind of a MessagePack value.</summary>
public enum MessagePackKind
{
    /// <summary>Null; also the extension with which JavaScript clients write <c>undefined</c>.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>An integer from -2^63 to 2^64-1.</summary>
    Integer,

    /// <summary>A float32 or float64; also the extensions with which JavaScript clients write NaN and the infinities.</summary>
    Float,

    /// <summary>Text in UTF-8.</summary>
    String,

    /// <summary>Bytes.</summary>
    Binary,

    /// <summary>A sequence of values.</summary>
    Array,

    /// <summary>A sequence of pairs of values.</summary>
    Map,

    /// <summary>A typed byte string, of which only the timestamp (type -1) is given a meaning.</summary>
    Extension,
}
