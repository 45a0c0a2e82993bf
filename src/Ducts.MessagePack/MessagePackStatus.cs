namespace Ducts.MessagePack;

/// <summary>Specifies the result of reading. Invalid bytes lead to a status, never to an exception.</summary>
public enum MessagePackStatus
{
    /// <summary>The value was read.</summary>
    Ok,

    /// <summary>The data ends before the value does.</summary>
    EndOfData,

    /// <summary>The data contains the byte <c>0xc1</c>, which MessagePack never uses.</summary>
    InvalidFormat,

    /// <summary>The value is of another kind.</summary>
    TypeMismatch,

    /// <summary>The number is outside the range of the requested type.</summary>
    OutOfRange,

    /// <summary>Arrays and maps are nested deeper than the limit.</summary>
    TooDeep,

    /// <summary>Arrays and maps have more elements together than the limit.</summary>
    TooManyItems,

    /// <summary>The value is longer than the limit.</summary>
    TooLarge,

    /// <summary>Further bytes follow the value.</summary>
    TrailingBytes,
}
