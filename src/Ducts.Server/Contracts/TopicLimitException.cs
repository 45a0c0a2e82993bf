using System.Globalization;

namespace Ducts;

/// <summary>A subscriber fell further behind than its topic's limit; it gets nothing more.</summary>
public sealed class TopicLimitException : Exception
{
    /// <summary>Makes an exception of the limit.</summary>
    /// <param name="limit">Items that a subscriber may be behind.</param>
    public TopicLimitException(int limit)
        : base(string.Create(CultureInfo.InvariantCulture, $"The subscriber fell more than {limit} items behind."))
    {
    }
}
