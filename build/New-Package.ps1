#Requires -Version 7.4
<#
.SYNOPSIS
Makes a zip and a nupkg of the built module, named by its version.

.DESCRIPTION
The release notes are the changelog's section of that version.
#>
[CmdletBinding(SupportsShouldProcess)]
[OutputType([System.IO.FileInfo])]
param(
    [string] $OutputPath = "$PSScriptRoot/../artifacts"
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$manifest = Import-PowerShellDataFile "$root/module/UsageTracking.psd1"
$data = $manifest.PrivateData.PSData
$OutputPath = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($OutputPath)
$package = Join-Path $OutputPath "UsageTracking.$($manifest.ModuleVersion)"
if (-not $PSCmdlet.ShouldProcess($package, 'Write zip and nupkg')) { return }

if ((Get-Content "$root/CHANGELOG.md" -Raw) -notmatch "(?ms)^## $([regex]::Escape($manifest.ModuleVersion))(,[^\n]*)?\n(?<notes>.*?)(?=^## |\z)") {
    throw "CHANGELOG.md has no section '## $($manifest.ModuleVersion)'."
}
$releaseNotes = $Matches.notes.Trim()

$stage = Join-Path $OutputPath stage
Remove-Item $stage, "$package.zip", "$package.nupkg" -Recurse -Force -ErrorAction Ignore

# The zip is to be unpacked into a folder of PSModulePath.
$content = "$stage/zip/UsageTracking/$($manifest.ModuleVersion)"
$null = New-Item -ItemType Directory $content
Copy-Item "$root/module/*", "$root/LICENSE" $content -Recurse
# Earlier builds may have left folders behind.
$empty = @(Get-ChildItem $content -Recurse -Directory | Where-Object { -not (Get-ChildItem $_ -Recurse -File) })
$empty | Remove-Item -Recurse -ErrorAction Ignore
& "$PSScriptRoot/Get-ThirdPartyNotice.ps1" | Set-Content "$content/THIRD-PARTY-NOTICES.txt"
# What stands there in the checkout is the changelog's address.
$text = [System.IO.File]::ReadAllText("$content/UsageTracking.psd1")
[System.IO.File]::WriteAllText("$content/UsageTracking.psd1", $text.Replace("'$($data.ReleaseNotes)'", "'$($releaseNotes.Replace("'", "''"))'"))
[System.IO.Compression.ZipFile]::CreateFromDirectory("$stage/zip", "$package.zip")

# The nupkg is what the PowerShell Gallery takes: the module at the top, its description, and an index of file types.
$escape = { [System.Security.SecurityElement]::Escape($args[0]) }
$tags = @('PSModule', 'PSIncludes_Cmdlet') + $data.Tags + ($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" })
@"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">
  <metadata>
    <id>UsageTracking</id>
    <version>$($manifest.ModuleVersion)</version>
    <authors>$(& $escape $manifest.Author)</authors>
    <owners>$(& $escape $manifest.CompanyName)</owners>
    <requireLicenseAcceptance>false</requireLicenseAcceptance>
    <licenseUrl>$(& $escape $data.LicenseUri)</licenseUrl>
    <projectUrl>$(& $escape $data.ProjectUri)</projectUrl>
    <description>$(& $escape $manifest.Description)</description>
    <releaseNotes>$(& $escape $releaseNotes)</releaseNotes>
    <copyright>$(& $escape $manifest.Copyright)</copyright>
    <tags>$($tags -join ' ')</tags>
  </metadata>
</package>
"@ | Set-Content "$content/UsageTracking.nuspec"

$null = New-Item -ItemType Directory "$content/_rels"
@'
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/UsageTracking.nuspec" Id="nuspec" />
</Relationships>
'@ | Set-Content "$content/_rels/.rels"

$types = (Get-ChildItem $content -Recurse -File -Force).Extension.TrimStart('.') | Where-Object { $_ } | Sort-Object -Unique | ForEach-Object {
    $type = $_ -eq 'rels' ? 'application/vnd.openxmlformats-package.relationships+xml' : 'application/octet'
    "  <Default Extension=`"$_`" ContentType=`"$type`" />"
}
@"
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
$($types -join "`n")
  <Override PartName="/LICENSE" ContentType="application/octet" />
</Types>
"@ | Set-Content -LiteralPath "$content/[Content_Types].xml"
[System.IO.Compression.ZipFile]::CreateFromDirectory($content, "$package.nupkg")

Remove-Item $stage -Recurse -Force
Get-Item "$package.zip", "$package.nupkg"
