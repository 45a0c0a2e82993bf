namespace Ducts.Cli.Hosting;

/// <summary>Sees when most of many sessions have gone, and the going is over.</summary>
// Threading: one caller.
internal sealed class SessionEbb
{
    /// <summary>Sessions that must have gone: some ten MiB of memory, below which nothing is worth a collection.</summary>
    public const int Least = 1000;

    private int _peak;
    private int _last;

    /// <summary>Looks at how many there are.</summary>
    /// <param name="count">Sessions that live.</param>
    /// <returns>True once after each ebb: half or more have gone since the peak, and since the last look hardly any.</returns>
    public bool HasEbbed(int count)
    {
        var goes = _last - count > _peak / 100;
        _peak = Math.Max(_peak, count);
        _last = count;
        if (goes || _peak - count < Least || count > _peak / 2)
            return false;
        _peak = count;
        return true;
    }
}
