namespace Ducts.MessagePack;

/// <summary>How reading went. Bad bytes are an outcome, never an exception.</summary>
public enum MessagePackStatus
{
    /// <summary>The value was read.</summary>
    Ok,

    /// <summary>The data ends before the value does.</summary>
    EndOfData,

    /// <summary>The byte <c>0xc1</c>, which MessagePack never uses.</summary>
    InvalidFormat,

    /// <summary>There is a value, of another kind.</summary>
    TypeMismatch,

    /// <summary>A number that does not fit what was asked for.</summary>
    OutOfRange,

    /// <summary>Arrays and maps are nested deeper than the limit.</summary>
    TooDeep,

    /// <summary>Arrays and maps have more elements together than the limit.</summary>
    TooManyItems,

    /// <summary>The value is longer than the limit.</summary>
    TooLarge,

    /// <summary>Bytes follow where the value should have been the last.</summary>
    TrailingBytes,
}
