using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ducts.MessagePack;

/// <summary>
/// Represents one MessagePack value, read on demand from validated bytes, like <see cref="JsonElement"/> for JSON. The default value of
/// this type is nil. Elements of one message share its memory and stay valid as long as it does not change.
/// </summary>
public readonly partial struct MessagePackElement : IEquatable<MessagePackElement>
{
    private static readonly byte[] NilBytes = [MessagePackCode.Nil];
    private static readonly JsonWriterOptions TextOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ReadOnlyMemory<byte> _bytes;

    /// <summary>Creates an element over bytes that contain exactly one value and have passed <see cref="MessagePackValidator.Validate"/>.</summary>
    /// <param name="validated">The bytes, which must not change afterwards. For bytes that are not validated, call <see cref="TryParse"/>.</param>
    public MessagePackElement(ReadOnlyMemory<byte> validated) => _bytes = validated;

    /// <summary>Gets the packed bytes of the value.</summary>
    public ReadOnlyMemory<byte> RawBytes => _bytes.IsEmpty ? NilBytes : _bytes;

    /// <summary>Gets the kind of the value.</summary>
    public MessagePackKind Kind
    {
        get
        {
            _ = Reader.TryPeekKind(out var kind);
            return kind;
        }
    }

    /// <summary>Gets whether the value is nil.</summary>
    public bool IsNil => Kind == MessagePackKind.Nil;

    private PackReader Reader => new(RawBytes.Span);

    /// <summary>Returns whether two elements have the same bytes.</summary>
    /// <param name="left">One element.</param>
    /// <param name="right">The other.</param>
    /// <returns>True for the same bytes; the same value packed in another form is not equal.</returns>
    public static bool operator ==(MessagePackElement left, MessagePackElement right) => left.Equals(right);

    /// <summary>Returns whether two elements have different bytes.</summary>
    /// <param name="left">One element.</param>
    /// <param name="right">The other.</param>
    /// <returns>The opposite of <c>==</c>.</returns>
    public static bool operator !=(MessagePackElement left, MessagePackElement right) => !left.Equals(right);

    /// <summary>Validates bytes that contain exactly one value and creates an element over them.</summary>
    /// <param name="data">The bytes. The element does not copy them, so they must not change afterwards.</param>
    /// <param name="limits">The limits of the value; null for <see cref="MessagePackLimits.Default"/>.</param>
    /// <returns>The element.</returns>
    /// <exception cref="FormatException">The bytes contain no value, more than one value, or a value that exceeds the limits.</exception>
    public static MessagePackElement Parse(ReadOnlyMemory<byte> data, MessagePackLimits? limits = null)
    {
        var status = TryParse(data, out var element, limits);
        return status == MessagePackStatus.Ok ? element : throw new FormatException($"The bytes do not hold one MessagePack value: {status}.");
    }

    /// <summary>Validates bytes that contain exactly one value and creates an element over them.</summary>
    /// <param name="data">The bytes. The element does not copy them, so they must not change afterwards.</param>
    /// <param name="element">The element; nil unless the result is Ok.</param>
    /// <param name="limits">The limits of the value; null for <see cref="MessagePackLimits.Default"/>.</param>
    /// <returns>The result of <see cref="MessagePackValidator.Validate"/>, or TrailingBytes if bytes follow the value.</returns>
    public static MessagePackStatus TryParse(ReadOnlyMemory<byte> data, out MessagePackElement element, MessagePackLimits? limits = null)
    {
        element = default;
        var status = MessagePackValidator.Validate(data.Span, limits ?? MessagePackLimits.Default, out var consumed);
        if (status != MessagePackStatus.Ok)
            return status;
        if (consumed != data.Length)
            return MessagePackStatus.TrailingBytes;
        element = new MessagePackElement(data);
        return MessagePackStatus.Ok;
    }

    /// <summary>Packs a C# value and creates an element over the packed bytes.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The element.</returns>
    /// <exception cref="MessagePackWriteException">The value cannot be packed.</exception>
    public static MessagePackElement From<T>(T value, PackSerializerOptions? options = null) => new(PackSerializer.Serialize(value, options));

    /// <summary>Converts the element to a C# value.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The value; null if the element is nil and the type allows it.</returns>
    /// <exception cref="FormatException">The element cannot be converted to the type; the message says where and why.</exception>
    public T? Deserialize<T>(PackSerializerOptions? options = null)
        => TryDeserialize<T>(out var value, out var error, options) ? value : throw new FormatException(error.ToString());

    /// <summary>Converts the element to a C# value.</summary>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="value">The value; null if the element is nil and the type allows it.</param>
    /// <param name="error">The reason why the element cannot be converted.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>True if the element was converted.</returns>
    public bool TryDeserialize<T>([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out MessagePackReadError? error, PackSerializerOptions? options = null)
        => PackSerializer.TryDeserialize(RawBytes.Span, out value, out error, options);

    /// <summary>Converts the element to plain .NET values.</summary>
    /// <returns>
    /// Null, <see cref="bool"/>, <see cref="long"/> (<see cref="ulong"/> above its range), <see cref="double"/>, <see cref="string"/>,
    /// <c>byte[]</c>, <c>List&lt;object?&gt;</c>, <c>Dictionary&lt;string, object?&gt;</c>; a timestamp as <see cref="DateTime"/> in UTC,
    /// one finer than 100 ns or outside of its range, and any other extension, as an element.
    /// </returns>
    /// <exception cref="FormatException">A map has keys that are the same as text, such as 1 and <c>"1"</c>.</exception>
    public object? ToObject()
    {
        var reader = Reader;
        return PlainValues.TryRead(ref reader, out var value, out var error) ? value : throw new FormatException(error.ToString());
    }

    /// <summary>Writes the value as JSON, as <see cref="MessagePackJson.Write"/> does.</summary>
    /// <param name="writer">The writer that receives the JSON.</param>
    public void WriteTo(Utf8JsonWriter writer) => MessagePackJson.Write(RawBytes.Span, writer);

    /// <summary>Returns the value as JSON text; bytes are base64 strings.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, TextOptions))
            WriteTo(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Returns whether another element has the same bytes.</summary>
    /// <param name="other">The other.</param>
    /// <returns>True for the same bytes.</returns>
    public bool Equals(MessagePackElement other) => RawBytes.Span.SequenceEqual(other.RawBytes.Span);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is MessagePackElement other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => Converters.RandomizedHash.OfBytes(RawBytes.Span);
}
