namespace Ducts.Concurrency.Model;

/// <summary>Stands for <c>System.Threading.PeriodicTimer</c>; ticks a few times only.</summary>
public sealed class ModelPeriodicTimer(TimeSpan period, ModelTime time) : IDisposable
{
    private int _left = 3;

    public async ValueTask<bool> WaitForNextTickAsync(CancellationToken cancellationToken = default)
    {
        await ModelTasks.Delay(period, time, cancellationToken);
        return --_left >= 0;
    }

    public void Dispose() => _left = 0;
}
