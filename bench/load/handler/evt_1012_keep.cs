public class Keep : DuctsHandler
{
    public async Task<int> HandleAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return bytes.Length;
    }
}
