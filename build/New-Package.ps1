#Requires -Version 7.4
<#
.SYNOPSIS
Makes a zip and a nupkg of the built module, named by its version, in artifacts/.
#>
[CmdletBinding(SupportsShouldProcess)]
param()

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$manifest = Import-PowerShellDataFile "$root/module/UsageTracking.psd1"
$data = $manifest.PrivateData.PSData
$package = "$root/artifacts/UsageTracking.$($manifest.ModuleVersion)"
if (-not $PSCmdlet.ShouldProcess($package, 'Write zip and nupkg')) { return }

$stage = "$root/artifacts/stage"
Remove-Item $stage, "$package.*" -Recurse -Force -ErrorAction Ignore

# The zip is unpacked into a folder of PSModulePath.
$content = "$stage/zip/UsageTracking/$($manifest.ModuleVersion)"
$null = New-Item -ItemType Directory $content
Copy-Item "$root/module/*", "$root/LICENSE" $content -Recurse
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
    <releaseNotes>$(& $escape $data.ReleaseNotes)</releaseNotes>
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
