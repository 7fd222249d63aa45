using System.Diagnostics;
using System.Management.Automation;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>What every cmdlet of the module does alike: waits that Ctrl-C ends, errors with stable ids, notices of the background.</summary>
public abstract class UsageCmdlet : PSCmdlet, IDisposable
{
    // Milliseconds.
    private const int ProgressDelay = 1000;
    private const int ProgressInterval = 250;

    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stopping = new();

    internal static UsageSession Session => ModuleLifetime.Session;

    /// <summary>The customer of calls that name none; asked for only then, since finding it may fail.</summary>
    internal string CallersCustomer => Session.FindCustomer(CurrentFolder);

    /// <summary>The same, for a store whose policies ask who asks; null where nobody can be named.</summary>
    internal string? AskingCustomer => AskingCustomerIn(CurrentFolder);

    /// <summary>The folder that the session is in.</summary>
    protected string CurrentFolder => SessionState.Path.CurrentFileSystemLocation.ProviderPath;

    /// <summary>The same as <see cref="AskingCustomer"/>, for a caller in that folder; any thread may ask.</summary>
    internal static string? AskingCustomerIn(string folder)
    {
        try
        {
            return Session.FindCustomer(folder);
        }
        catch (UsageException)
        {
            return null;
        }
    }

    /// <summary>Cancelled by Ctrl-C.</summary>
    protected CancellationToken Cancel => _stopping.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        OnDispose();
        _stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => OrTerminate(OnBegin);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        try
        {
            OnProcess();
            // A pipeline may go on for days.
            if (Session.HasNews)
                WriteNews();
        }
        catch (UsageException error) when (EndsTheCall(error))
        {
            ThrowTerminatingError(ToRecord(error));
        }
        catch (UsageException error)
        {
            WriteError(ToRecord(error));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        OrTerminate(OnEnd);
        WriteNews();
    }

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stopping.Cancel();

    /// <summary>Runs once, before any input. An error ends the call.</summary>
    protected virtual void OnBegin()
    {
    }

    /// <summary>Runs per input. An error is about that input, unless it would be the same for every other.</summary>
    protected virtual void OnProcess()
    {
    }

    /// <summary>Runs once, after all input. An error ends the call.</summary>
    protected virtual void OnEnd()
    {
    }

    /// <summary>Runs at the very end, also of a pipeline that broke off.</summary>
    protected virtual void OnDispose()
    {
    }

    /// <summary>The zone of a parameter -TimeZone: where it was not given, that of the option.</summary>
    /// <exception cref="UsageException"><c>InvalidTimeZone</c>.</exception>
    protected static TimeZoneInfo ZoneOf(string? timeZone) => timeZone is null ? Session.Options.TimeZone : Zones.Find(timeZone);

    /// <summary>
    /// Waits on the pipeline's thread, no longer than until Ctrl-C; a driver may take its time to notice. What takes more than a
    /// second shows that it goes on.
    /// </summary>
    protected T Wait<T>(Task<T> task)
    {
        WaitInSight(task);
        return task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Wait{T}"/>
    protected void Wait(Task task)
    {
        WaitInSight(task);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Reads rows as the store gives them, no longer than until Ctrl-C.</summary>
    internal IEnumerable<T> Read<T>(IAsyncEnumerable<T> rows)
    {
        IAsyncEnumerator<T> row = rows.GetAsyncEnumerator(Cancel);
        Task<bool> step = Task.FromResult(true);
        try
        {
            while (Wait(step = row.MoveNextAsync().AsTask()))
                yield return row.Current;
        }
        finally
        {
            // What Ctrl-C cuts off ends soon, since the store was told; nobody waits for a server that does not answer.
            Task.WaitAny([Task.Run(() => CloseAsync(row, step))], ClosePatience);
        }
    }

    /// <summary>Whether an error in the middle of the input ends the whole call.</summary>
    protected virtual bool EndsTheCall(UsageException error) =>
        error.Kind is UsageErrorKind.StoreUnavailable or UsageErrorKind.StoreNotReady;

    /// <summary>What a wait is for, as its progress says.</summary>
    protected virtual string WaitsFor => "the store";

    /// <summary>Waits like <see cref="Wait{T}"/>, for work that cleans up after itself: Ctrl-C leaves it a moment to do so.</summary>
    protected T WaitAndClean<T>(Task<T> task)
    {
        try
        {
            return Wait(task);
        }
        finally
        {
            Task.WaitAny([task], ClosePatience);
        }
    }

    /// <summary>Says how far a wait has got, where that is known.</summary>
    protected virtual void Describe(ProgressRecord progress)
    {
    }

    /// <summary>Stores what this process added a moment ago, so that it is seen; says so where it cannot.</summary>
    internal void FlushPending(StoreConnection connection)
    {
        // The records of a session that was killed are to be seen too.
        connection.Queue.AdoptOrphans();
        if (connection.Queue.Pending == 0)
            return;

        if (Wait(connection.Queue.SettleAsync(FlushPatience, Cancel)) is { } error)
            WriteWarning($"{Wording.Count(connection.Queue.Pending, "record")} not included: {error.Message}");
    }

    /// <summary>Says what could not be counted exactly, if anything.</summary>
    protected void WriteWarningOf(Widening widening)
    {
        if (widening.Warning is { } warning)
            WriteWarning(warning);
    }

    /// <summary>Writes an error about one item; the rest goes on.</summary>
    protected void WriteItemError(UsageException error, object? target = null) => WriteError(ToRecord(error, target));

    /// <summary>Says what happened in the background since the last cmdlet.</summary>
    protected void WriteNews()
    {
        foreach (string notice in Session.TakeNotices())
            WriteInformation(notice, ["UsageTracking"]);

        foreach (string warning in Session.TakeWarnings())
            WriteWarning(warning);
    }

    private void WaitInSight(Task task)
    {
        if (task.IsCompleted || Task.WaitAny([task], ProgressDelay, Cancel) == 0)
            return;

        var watch = Stopwatch.StartNew();
        do
            ShowWait($"Waiting for {WaitsFor}, {(ProgressDelay / 1000) + watch.Elapsed.TotalSeconds:0} s", ProgressRecordType.Processing);
        while (Task.WaitAny([task], ProgressInterval, Cancel) != 0);

        ShowWait($"Done", ProgressRecordType.Completed);
    }

    private void ShowWait(FormattableString status, ProgressRecordType type)
    {
        var progress = new ProgressRecord(0, MyInvocation.MyCommand.Name, FormattableString.Invariant(status)) { RecordType = type };
        Describe(progress);
        WriteProgress(progress);
    }

    private static async Task CloseAsync<T>(IAsyncEnumerator<T> row, Task<bool> lastStep)
    {
        try
        {
            // An enumerator must not be closed in the middle of a step.
            await ((Task)lastStep).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await row.DisposeAsync();
        }
        catch (Exception error) when (error is UsageException or OperationCanceledException)
        {
            // Whatever is wrong with the rest, nobody wants it any more.
        }
    }

    private void OrTerminate(Action step)
    {
        try
        {
            step();
        }
        catch (UsageException error)
        {
            ThrowTerminatingError(ToRecord(error));
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private static ErrorRecord ToRecord(UsageException error, object? target = null)
    {
        ErrorCategory category = error.Kind switch
        {
            UsageErrorKind.InvalidInput => ErrorCategory.InvalidArgument,
            UsageErrorKind.NotFound => ErrorCategory.ObjectNotFound,
            UsageErrorKind.Conflict => ErrorCategory.ResourceExists,
            UsageErrorKind.StoreUnavailable => ErrorCategory.ResourceUnavailable,
            UsageErrorKind.StoreNotReady => ErrorCategory.InvalidOperation,
            UsageErrorKind.LimitReached => ErrorCategory.LimitsExceeded,
            _ => ErrorCategory.NotSpecified,
        };
        return new ErrorRecord(error, error.ErrorId, category, target ?? error.Target);
    }
}
