using System.Runtime.CompilerServices;

namespace Ducts.Fuzz;

/// <summary>Says what must hold.</summary>
internal static class Claim
{
    // What a target needs whatever the input: lists of what was read, buffers of the pool.
    private const int FreeBytes = 1024 * 1024;

    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition)
        {
            throw new FuzzException("Does not hold: " + text);
        }
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new FuzzException($"{text} is {actual}, expected {expected}");
        }
    }

    /// <summary>Checks that what has been allocated since is in proportion to the input.</summary>
    /// <param name="before">What <see cref="GC.GetAllocatedBytesForCurrentThread"/> returned before.</param>
    /// <param name="input">The length of the input.</param>
    /// <param name="factor">How many bytes of objects a byte of input may become.</param>
    public static void Proportionate(long before, int input, int factor)
    {
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > FreeBytes + ((long)input * factor))
        {
            throw new FuzzException($"{allocated} bytes were allocated for an input of {input} bytes");
        }
    }
}
