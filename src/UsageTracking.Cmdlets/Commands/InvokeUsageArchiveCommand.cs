using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Cmdlets.Output;
using UsageTracking.Files.Archives;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsLifecycle.Invoke, "UsageArchive", SupportsShouldProcess = true)]
[OutputType(typeof(UsageArchiveInfo))]
public sealed class InvokeUsageArchiveCommand : ReportCmdlet
{
    private ArchiveProgress _progress = new();
    private string? _path;

    [Parameter(Position = 0)]
    [ValidateRange(0, 36_500)]
    public int OlderThanDays { get; set; } = 90;

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public override string[] Service { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter IncludeUninvoiced { get; set; }

    /// <inheritdoc/>
    protected override string WaitsFor => "the archive";

    /// <inheritdoc/>
    protected override void CheckInput()
    {
        string asked = FileTarget.Resolve(SessionState, Path ?? ".");
        // By the clock on the wall, as whoever looks for the file has it.
        _path = Directory.Exists(asked) ? ArchivePath.NewIn(asked, DateTimeOffset.Now) : asked;
        RecordArchive.Check(_path);
    }

    /// <inheritdoc/>
    protected override TimeRange ReadRange(DateTimeOffset now, TimeZoneInfo zone) =>
        new(Instants.Earliest, TimeRange.LastDays(OlderThanDays, now, zone).Start);

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        var scope = new ArchiveScope(Scope.Filter, Scope.Range.End, IncludeUninvoiced);
        ArchivePlan plan = Wait(Connection.Store.PlanArchiveAsync(scope, Cancel));
        if (plan.Uninvoiced > 0)
            WriteWarning($"{Wording.Count(plan.Uninvoiced, "record")} on no invoice {(plan.Uninvoiced == 1 ? "stays" : "stay")} in the store. -IncludeUninvoiced archives them too.");
        else if (plan.Records == 0)
            WriteWarning(FormattableString.Invariant($"There is nothing to archive: no record is of before {TimeZoneInfo.ConvertTime(scope.Before, Scope.Zone):yyyy-MM-dd HH:mm zzz}."));

        if (plan.Records == 0)
            return;

        if (!ShouldProcess(_path, FormattableString.Invariant(
            $"move {Wording.Count(plan.Records, "record")} of {Wording.Count(plan.Days, "day")} ({plan.Bytes:N0} bytes) from {Connection.Store.Address} to this file")))
        {
            return;
        }

        _progress = new ArchiveProgress();
        StoredArchive? archive = WaitAndClean(Task.Run(() => RecordArchive.WriteAsync(Connection.Store, scope, _path!, _progress, Cancel)));
        if (archive is not null)
            WriteObject(new UsageArchiveInfo(archive));
    }

    /// <inheritdoc/>
    protected override void Describe(ProgressRecord progress) => ArchiveProgressText.Describe(_progress, progress);
}
