using System.Text;

namespace Ducts.Groups;

/// <summary>What a group may be called.</summary>
internal static class GroupName
{
    private const int MaxLength = 256;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Checks a name that an application gives.</summary>
    /// <exception cref="ArgumentException">It cannot be a group's name.</exception>
    public static void Check(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        int length;
        try
        {
            length = Strict.GetByteCount(name);
        }
        catch (EncoderFallbackException exception)
        {
            // Two of them could be the same bytes.
            throw new ArgumentException("The name of the group has half of a surrogate pair, which UTF-8 cannot hold.", nameof(name), exception);
        }

        if (length > MaxLength)
        {
            throw new ArgumentException($"The name of the group has {length} bytes in UTF-8, but may have at most {MaxLength}.", nameof(name));
        }
    }
}
