using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Jobs;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Unregister, "UsageJob", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class UnregisterUsageJobCommand : UsageCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(JobCompleter))]
    public string[] Name { get; set; } = [];

    /// <inheritdoc/>
    protected override string WaitsFor => "the scheduler";

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        JobBook book = Wait(JobBook.OpenAsync(Cancel));
        foreach (RegisteredJob job in JobSelection.Match(Name, Wait(book.GetAsync(Cancel)), e => WriteItemError(e)))
        {
            if (ShouldProcess($"{job.Name} ({job.Schedule})", $"take the job out of {job.Scheduler}"))
                Wait(book.RemoveAsync(job.Name, Cancel));
        }
    }
}
