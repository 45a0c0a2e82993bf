// Coyote knows neither these types of the framework nor what they do to the order of threads. An alias comes before the types of
// imported namespaces, so the sources that are compiled here mean the stand-ins.
global using CancellationTokenSource = Ducts.Concurrency.Model.ModelCancellation;
global using ConfigureAwaitOptions = Ducts.Concurrency.Model.ModelAwaitOptions;
global using Ducts.Concurrency.Model;
global using ExecutionContext = Ducts.Concurrency.Model.ModelExecutionContext;
global using Lock = object;
global using PeriodicTimer = Ducts.Concurrency.Model.ModelPeriodicTimer;
global using ThreadPool = Ducts.Concurrency.Model.ModelThreadPool;
global using TimeProvider = Ducts.Concurrency.Model.ModelTime;
