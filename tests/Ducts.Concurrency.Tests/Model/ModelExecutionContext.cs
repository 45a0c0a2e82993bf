namespace Ducts.Concurrency.Model;

/// <summary>Stands for the class without the prefix: what goes along with a task changes nothing in the order of threads.</summary>
internal static class ModelExecutionContext
{
    public static Flow SuppressFlow() => default;

    public readonly struct Flow : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
