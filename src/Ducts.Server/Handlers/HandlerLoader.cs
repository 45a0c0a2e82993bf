using System.Collections.Frozen;
using Ducts.Connections;
using Ducts.Dispatch;
using Ducts.Dispatch.Binding;
using Ducts.Dispatch.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Ducts.Handlers;

/// <summary>Loads handlers from their sources, sets them up, and makes them the ones that answer.</summary>
/// <remarks>Threading: loads and reloads run one after the other.</remarks>
internal sealed class HandlerLoader(
    IOptions<DuctsOptions> options,
    HandlerRegistry registry,
    HandlerEnvironment environment,
    HandlerActivator activator,
    HandlerConfiguration configuration,
    IEnumerable<IHandlerSource> sources,
    IEnumerable<IHandlerValidator> validators,
    EventMap eventMap,
    EventDecorations decorations,
    DispatchWatch watch,
    TimeProvider time,
    HandlerLog log) : IAsyncDisposable
{
    private readonly IHandlerSource[] _sources = [.. sources];
    private readonly SemaphoreSlim _loading = new(1);
    private readonly List<HandlerLoad> _loads = [];
    private readonly List<Task> _retiring = [];
    private HandlerManager? _manager;
    private int _isDisposed;

    /// <summary>Gets the instance that the service container returns for <see cref="IHandlerManager"/>.</summary>
    public IHandlerManager Manager => _manager ??= new HandlerManager(environment, registry.Current);

    public IReadOnlyList<IHandlerSource> Sources => _sources;

    /// <summary>Loads everything, before the server listens.</summary>
    /// <exception cref="HandlerLoadException">A handler was refused and <c>strict</c> is on; or all were, and one is required.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var problems = new List<HandlerProblem>();
            await eventMap.CloseAsync();
            foreach (var source in _sources)
            {
                var set = await source.LoadAsync(cancellationToken);
                problems.AddRange(set.Problems);
                Warn(set);
                _loads.Add(await ConstructAsync(source, set, _loads, problems, cancellationToken));
            }

            await RefuseInvalidAsync(_loads, reloaded: null, problems);
            Publish();
            Report(problems);
            if (problems.Count > 0 && options.Value.Event.Strict)
                throw new HandlerLoadException(problems);
            if (problems.Count > 0 && configuration.RequiresHandlers && !HasUsersEvents())
                throw HandlerLoadException.NoneLeft(problems);
            log.Loaded(registry.Current.Events.Count);
            if (problems.Count > 0)
                log.LoadedInPart(problems.Select(static problem => problem.Source).Distinct().Count());
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Starts what handlers do in the background, once the server listens.</summary>
    public void Run()
    {
        foreach (var load in _loads)
            load.Run(log);
    }

    /// <summary>Loads one source again and swaps its handlers in, unless they are worse than those that answer now.</summary>
    public async Task ReloadAsync(IHandlerSource source, CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            var set = await source.LoadAsync(cancellationToken);
            var problems = new List<HandlerProblem>(set.Problems);
            Warn(set);
            if (set.KeepsPrevious)
            {
                Report(problems);
                log.KeptPrevious();
                return;
            }

            var index = _loads.FindIndex(each => each.Source == source);
            var old = _loads[index];
            var others = _loads.Where(each => each != old).ToList();
            var load = await ConstructAsync(source, set, others, problems, cancellationToken);
            await RefuseInvalidAsync([.. others, load], reloaded: load, problems);
            if (!load.Refused.IsSubsetOf(old.Refused))
            {
                Report(problems);
                log.KeptPrevious();
                await load.RetireAsync(TimeSpan.Zero, Timeout.InfiniteTimeSpan, log);
                return;
            }

            _loads[index] = load;
            Publish();
            Report(problems);
            load.Run(log);
            log.Reloaded(registry.Current.Events.Count);

            _retiring.RemoveAll(static retiring => retiring.IsCompleted);
            _retiring.Add(old.RetireAsync(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, log));
        }
        finally
        {
            _loading.Release();
        }
    }

    // The server's stop comes first, the container's own afterwards.
    public ValueTask DisposeAsync() => new(StopAsync(options.Value.WebSocketServer.ShutdownTimeout));

    /// <summary>Ends all handlers.</summary>
    /// <param name="left">What is left of the time that the server has to stop.</param>
    public async Task StopAsync(TimeSpan left)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        // Requests had their time before; what runs now heeds no token. See the sessions' stop for the sum of all.
        var patience = TimeSpan.FromSeconds(0.4);
        // Replaced handlers whose requests never ended go with the process.
        var replaced = Task.WhenAny(Task.WhenAll(_retiring), Task.Delay(patience, time));
        await Task.WhenAll(_loads.Select(load => load.RetireAsync(patience, left > patience ? left : patience, log)));
        await replaced;
        _loading.Dispose();
    }

    private bool HasUsersEvents() =>
        _loads.Any(static load => load.Set.MinEventId is null && load.Handlers.Count > 0)
        || eventMap.All.Any(mapped => mapped.Spec.Id >= options.Value.Event.MinUserHandlerId);

    private void Warn(HandlerSet set)
    {
        foreach (var warning in set.Warnings)
        {
            log.Ignored(warning);
        }
    }

    private void Report(List<HandlerProblem> problems)
    {
        foreach (var problem in problems)
            log.Refused(problem);
    }

    private async Task<HandlerLoad> ConstructAsync(
        IHandlerSource source,
        HandlerSet set,
        IReadOnlyList<HandlerLoad> others,
        List<HandlerProblem> problems,
        CancellationToken cancellationToken)
    {
        var manager = new HandlerManager(environment, HandlerSnapshot.Empty);
        var load = new HandlerLoad(source, set, manager, watch, time);
        try
        {
            await FillAsync(load, set, others, problems, cancellationToken);
            return load;
        }
        catch
        {
            await load.RetireAsync(TimeSpan.Zero, Timeout.InfiniteTimeSpan, log);
            throw;
        }
    }

    private async Task FillAsync(
        HandlerLoad load,
        HandlerSet set,
        IReadOnlyList<HandlerLoad> others,
        List<HandlerProblem> problems,
        CancellationToken cancellationToken)
    {
        foreach (var candidate in set.Candidates.OrderBy(static candidate => candidate.Id))
        {
            if (Clash(candidate, load, others) is { } problem)
                problems.Add(problem);
            else if (await TryConstructAsync(candidate, load, problems) is { } handler)
                load.Add(handler);
            if (load.Handlers is not [.., var last] || last.Candidate != candidate)
                load.Refused.Add(candidate.Source);
        }

        // All handlers are there before the first is set up, so that order does not matter.
        load.Manager.Update(Snapshot([.. others, load]));
        foreach (var handler in load.Handlers.ToArray())
        {
            var known = problems.Count;
            if (await SetUpAsync(handler, load.Manager, problems, cancellationToken))
                continue;
            await load.RemoveAsync(handler, log);
            // One that wants to be left out has no problem.
            if (problems.Count > known)
                load.Refused.Add(handler.Candidate.Source);
        }
    }

    private HandlerProblem? Clash(HandlerCandidate candidate, HandlerLoad load, IReadOnlyList<HandlerLoad> others)
    {
        if (EventRules.Refusal(candidate.Id, candidate.Key, load.Set.MinEventId ?? options.Value.Event.MinUserHandlerId) is { } refusal)
        {
            return Problem(candidate, refusal);
        }

        foreach (var mapped in eventMap.All)
        {
            if (EventRules.Clash(mapped.Spec, candidate.Id, candidate.Key))
            {
                return Problem(candidate, $"event {candidate.Id} {candidate.Key} is taken by the mapped event {mapped.Spec.Id} {mapped.Spec.Key}");
            }
        }

        foreach (var handler in others.Append(load).SelectMany(static other => other.Handlers))
        {
            if (EventRules.Clash(handler.Spec, candidate.Id, candidate.Key))
            {
                return Problem(candidate, $"event {candidate.Id} {candidate.Key} is taken by {handler.Candidate.Source}");
            }
        }

        return null;
    }

    private async Task<LoadedHandler?> TryConstructAsync(HandlerCandidate candidate, HandlerLoad load, List<HandlerProblem> problems)
    {
        var signature = HandlerSignature.Of(candidate.Type);
        var spec = new HandlerSpec(candidate.Id, candidate.Key)
        {
            Arguments = signature.Arguments,
            ResultType = signature.ResultType,
            Callback = signature.IsStream,
        };
        var found = new List<string>(signature.Problems);
        var decorate = await DecorationOfAsync(candidate, signature, spec, load, found);
        problems.AddRange(found.Select(problem => Problem(candidate, problem)));
        if (found.Count > 0)
            return null;
        try
        {
            var instance = activator.Create(candidate.Type);
            var invoker = new LazyHandlerInvoker(signature, instance, load.Serializer.Options);
            return new LoadedHandler(candidate, instance, decorate(new EventEntry(spec, invoker, candidate.Type.Assembly, load.Generation)));
        }
        catch (Exception exception)
        {
            problems.Add(Problem(candidate, $"its constructor failed: {ErrorMapper.Unwrap(exception).Message}"));
            return null;
        }
    }

    private async Task<EventDecoration> DecorationOfAsync(HandlerCandidate candidate, HandlerSignature signature, HandlerSpec spec, HandlerLoad load, List<string> problems)
    {
        try
        {
            var metadata = new EndpointMetadataCollection(EventDecorations.AttributesOf(candidate.Type, signature.Method));
            var kind = signature.Method is null ? EventKind.None : EventKind.Application;
            return await decorations.ReadAsync(new EventDescription(spec, metadata, load.Serializer.Options) { Kind = kind }, problems);
        }
        catch (Exception exception)
        {
            // Attributes run code of the handler's author, policies that of the application.
            problems.Add($"its attributes cannot be used: {ErrorMapper.Unwrap(exception).Message}");
            return static entry => entry;
        }
    }

    private async Task<bool> SetUpAsync(LoadedHandler handler, HandlerManager manager, List<HandlerProblem> problems, CancellationToken cancellationToken)
    {
        var limit = options.Value.WebSocketServer.HookTimeout;
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // On a thread that can be left to it.
        var settingUp = Task.Run(() => handler.Instance.SetupAsync(handler.Spec, manager, giveUp.Token), CancellationToken.None);
        try
        {
            if (await settingUp.WaitAsync(limit, time, cancellationToken) is null)
            {
                problems.Add(Problem(handler.Candidate, "its Setup returned null; set IsEnabled of the spec to false to keep the handler from being registered"));
                return false;
            }

            return handler.Spec.IsEnabled;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException) when (!settingUp.IsCompleted)
        {
            problems.Add(Problem(handler.Candidate, $"its Setup did not complete within {limit.TotalSeconds} s; let it complete earlier, or raise hook_timeout in [web_socket_server]"));
            _ = giveUp.CancelAsync();
            return false;
        }
        catch (Exception exception)
        {
            problems.Add(Problem(handler.Candidate, $"its Setup failed: {exception.GetType().Name}: {exception.Message}"));
            return false;
        }
    }

    // Of two that clash the later one by id is refused; in a reload the new code is to blame, whichever that is.
    private async Task RefuseInvalidAsync(IReadOnlyList<HandlerLoad> loads, HandlerLoad? reloaded, List<HandlerProblem> problems)
    {
        var snapshot = Snapshot(loads);
        foreach (var (handler, problem) in validators.SelectMany(validator => validator.Validate(snapshot)))
        {
            problems.Add(problem);
            foreach (var load in loads)
            {
                if (load.Handlers.FirstOrDefault(each => each.Instance == handler) is not { } refused)
                    continue;
                (reloaded ?? load).Refused.Add(problem.Source);
                if (reloaded is null || reloaded == load)
                    await load.RemoveAsync(refused, log);
            }
        }
    }

    private void Publish()
    {
        var snapshot = Snapshot(_loads);
        foreach (var load in _loads)
            load.Manager.Update(snapshot);
        _manager?.Update(snapshot);
        registry.Swap(snapshot);
    }

    private HandlerSnapshot Snapshot(IReadOnlyList<HandlerLoad> loads)
    {
        var specs = eventMap.All.Select(static mapped => mapped.Spec).ToList();
        var entries = new List<EventEntry>(eventMap.Entries);
        var handlers = new List<LoadedHandler>();
        foreach (var load in loads)
        {
            foreach (var handler in load.Handlers)
            {
                handlers.Add(handler);
                specs.Add(handler.Spec);
                entries.Add(handler.Entry);
            }
        }

        specs.Sort(static (left, right) => left.Id.CompareTo(right.Id));
        handlers.Sort(static (left, right) => left.Spec.Id.CompareTo(right.Spec.Id));
        return new HandlerSnapshot(
            specs,
            [.. handlers.Select(static handler => handler.Instance)],
            entries)
        {
            Candidates = handlers.ToFrozenDictionary(static handler => handler.Instance, static handler => handler.Candidate),
            Generations = loads.SelectMany(static load => load.Handlers, static (load, handler) => (handler.Instance, load.Generation))
                .ToFrozenDictionary(static pair => pair.Instance, static pair => pair.Generation),
        };
    }

    private static HandlerProblem Problem(HandlerCandidate candidate, string message) => new(candidate.Source, 0, 0, message);
}
