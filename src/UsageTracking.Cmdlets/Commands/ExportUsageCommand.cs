using System.Management.Automation;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Files;
using UsageTracking.Files.Export;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Export, "Usage", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportUsageCommand : RangeReportCmdlet
{
    private ExportProgress _progress = new();
    private string _path = "";
    private ExportFormat _format;

    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    [Parameter]
    public ExportFormat? Format { get; set; }

    [Parameter(Position = 3, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public override string[] Service { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter Full { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone) => TimeRange.Everything;

    /// <inheritdoc/>
    protected override void CheckInput()
    {
        _format = ExportRequest.FormatOf(Format, Path);
        // By the clock on the wall, as whoever looks for the file has it.
        _path = FileTarget.Resolve(SessionState, Path ?? ExportRequest.DefaultName(_format, DateTimeOffset.Now));
        AtomicFile.Check(_path, Force);
    }

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        if (!ShouldProcess(_path, "export usage records"))
            return;

        var request = new ExportRequest
        {
            Format = _format,
            Filter = Scope.Filter,
            Range = Scope.Range,
            Full = Full,
            Zone = TimeZone is null ? null : Scope.Zone,
            ServiceOrder = [.. Scope.Services.Select(s => s.Name)],
        };
        WarnOfArchived();
        _progress = new ExportProgress();
        Task<FileInfo> export = Task.Run(() => RecordExport.WriteAsync(Connection.Store, request, _path, Force, _progress, Cancel));
        FileInfo file = WaitAndClean(export);
        if (_progress.Warning is { } warning)
            WriteWarning(warning);

        WriteObject(FileTarget.Item(SessionState, file), enumerateCollection: true);
    }

    /// <inheritdoc/>
    protected override void Describe(ProgressRecord progress)
    {
        if (_progress.Done == 0)
            return;

        progress.StatusDescription = _progress.ToString();
        progress.PercentComplete = _progress.Percent;
        progress.SecondsRemaining = (int?)_progress.Remaining?.TotalSeconds ?? -1;
    }
}
