namespace Ducts.Load;

/// <summary>What the greedy sessions did in one time.</summary>
/// <param name="Sent">Their calls.</param>
/// <param name="Answered">Those that ran.</param>
/// <param name="Refused">Those that were too many.</param>
/// <param name="Others">Those that got another error, or nothing.</param>
/// <param name="Seconds">How long they called.</param>
internal sealed record GreedyPhase(long Sent, long Answered, long Refused, long Others, double Seconds);
