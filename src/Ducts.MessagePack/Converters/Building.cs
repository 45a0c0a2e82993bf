using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Ducts.MessagePack.Converters;

/// <summary>
/// Makes a collection of what was read. A collection may have rules of its own, such as values that can be compared, or keys that
/// are in it once: what it then throws is an error of the data.
/// </summary>
internal static class Building
{
    public static bool TryBuild<TItems, TCollection>(
        Func<TItems, TCollection> build, TItems items, out TCollection? value, [NotNullWhen(false)] out MessagePackReadError? error)
    {
        error = null;
        try
        {
            value = build(items);
            return true;
        }
        catch (Exception exception) when (Unwrap(exception) is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            value = default;
            error = new MessagePackReadError("", $"values that {typeof(TCollection).Name} accepts", "others");
            return false;
        }
    }

    private static Exception Unwrap(Exception exception) => exception is TargetInvocationException { InnerException: { } inner } ? inner : exception;
}
