using System.Management.Automation;
using UsageTracking.Charts;
using UsageTracking.Charts.Html;
using UsageTracking.Charts.Svg;
using UsageTracking.Files;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsData.Export, "UsageChart", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportUsageChartCommand : ChartCmdlet
{
    private string _path = "";

    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    [Parameter]
    public SwitchParameter Force { get; set; }

    private bool IsSvg => HasExtension(".svg");

    private bool IsHtml => HasExtension(".html") || HasExtension(".htm");

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _path = FileTarget.Resolve(SessionState, Path);
        if (!IsSvg && !IsHtml)
            throw new UsageException(UsageErrorKind.InvalidInput, "UnknownFormat", $"'{Path}' says no format that charts have. Let it end in .svg, .html or .htm.", Path);

        // Before the report is waited for.
        AtomicFile.Check(_path, Force);
    }

    /// <inheritdoc/>
    protected override void Draw(IReadOnlyList<Chart> charts)
    {
        if (!ShouldProcess(_path, $"write {Wording.Count(charts.Count, "chart")}"))
            return;

        Action<Stream> write = IsSvg ? stream => SvgFile.Write(stream, charts, Title) : stream => HtmlPage.Write(stream, charts, Title);
        FileInfo file = AtomicFile.Write(_path, Force, write);
        WriteObject(FileTarget.Item(SessionState, file), enumerateCollection: true);
    }

    private bool HasExtension(string extension) => _path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
