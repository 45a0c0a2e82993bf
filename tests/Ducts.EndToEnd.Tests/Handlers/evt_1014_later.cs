// Answers a little later, each number after another time, so that answers overtake each other.
public sealed class Later : DuctsHandler
{
    public async Task<int> HandleAsync(int number, CancellationToken cancellationToken)
    {
        await Task.Delay(number % 20, cancellationToken);
        return number;
    }
}
