// Pushes 1, 2, 3 and so on until it is cancelled; each run has a name of its own.
public sealed class Pushes : DuctsHandler
{
    public async Task HandleAsync(IEventSession session, CancellationToken cancellationToken)
    {
        var life = Guid.NewGuid().ToString("N");
        for (var number = 1; ; number++)
        {
            await session.PushAsync(1002, new { life, number }, cancellationToken);
            await Task.Delay(5 + (number % 15), cancellationToken);
        }
    }
}
