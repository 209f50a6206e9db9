mod identify;
mod lifetimes;
mod lockout;
mod meanwhile;
mod password;
mod random_life;
mod refresh;
mod sign_out;
